"""What a fact is, and how the running digest of the log is chained over facts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

GENESIS_DIGEST = "0" * 32
# Among the parties of a fact: everybody who follows the hall sees it, whatever his area.
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has just become true, to be stored with the change that made it true.

    Attributes:
        kind: `stage.past_tense`.
        id: the subject, e.g. the id of the alert.
        data: entity views after the change, keyed by entity name, so that a reader folds by upserting.
        area: area code (town 9, village 12 or grid 15 digits) that decides who may see it.
        parties: ids of persons who see it wherever they are, e.g. the responder of an order; or EVERYBODY.
        actor: id and name of who did it, or None for the hall itself.
        happened_at, received_at: the two outer times; the time of storing is set by the log.
    """

    kind: str
    id: str
    data: Mapping[str, Any]
    area: str
    parties: tuple[str, ...] = ()
    actor: Mapping[str, str] | None = None
    happened_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as the log keeps it: numbered, dated, and chained into the digest."""

    seq: int
    kind: str
    id: str
    area: str
    parties: tuple[str, ...]
    actor: Mapping[str, str] | None
    happened_at: datetime
    received_at: datetime
    stored_at: datetime
    data_json: str
    digest: str

    @property
    def data(self) -> dict[str, Any]:
        """The body, parsed anew at each call."""
        body: dict[str, Any] = orjson.loads(self.data_json)
        return body


def iso(moment: datetime) -> str:
    """Write an instant as UTC with milliseconds and Z, the one spelling used in every payload and digest."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def chain(digest: str, *, seq: int, kind: str, id: str, at: str, data_json: str) -> str:
    """Return the digest after one more fact.

    A page computes the same from the text it received, so equal digests mean equal facts in equal order.
    """
    line = f"{digest}\n{seq}\n{kind}\n{id}\n{at}\n{data_json}"
    return hashlib.sha256(line.encode()).hexdigest()[:32]
