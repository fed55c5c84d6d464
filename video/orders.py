"""What a keeper is told at its start."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson


@dataclass(frozen=True)
class KeeperOrders:
    """Goes to the child on its command line.

    Attributes:
        ring_s: seconds of compressed video kept per feed.
        lookers: processes that look for this keeper.
        opening_per_host: feeds of one host that open at once.
        deep_every_s: every feed is looked at with the full set of detectors this often.
        object_model: file of the object detector that confirms scene signals; empty for none.
    """

    ring_s: float
    lookers: int
    opening_per_host: int
    deep_every_s: float
    object_model: str = ""

    def written(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str) -> KeeperOrders:
        return cls(**orjson.loads(text))
