"""时间线: the one door to the database, an append-only log of facts numbered in commit order."""

from command_center.timeline.facts import GENESIS_DIGEST, Fact, StoredFact, chain
from command_center.timeline.follower import Follower
from command_center.timeline.store import Head, Timeline, Transaction, open_timeline

__all__ = [
    "GENESIS_DIGEST",
    "Fact",
    "Follower",
    "Head",
    "StoredFact",
    "Timeline",
    "Transaction",
    "chain",
    "open_timeline",
]
