"""Who may send positions: registered devices by the name they give themselves, looked up without the database."""

import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from command_center.access.sessions import Who, hash_token
from command_center.access.tables import DeviceRow
from command_center.timeline import Timeline

# Another process that registers a device is noticed after so long.
FRESH = timedelta(seconds=5)
# A name that nobody has is looked for in the database so often at most, however often it is tried.
MISSES = timedelta(seconds=1)


# In the order of the fields of a Sender.
COLUMNS = (
    DeviceRow.id,
    DeviceRow.kind,
    DeviceRow.name,
    DeviceRow.area,
    DeviceRow.person_id,
    DeviceRow.datum,
    DeviceRow.external_id,
    DeviceRow.secret_required,
    DeviceRow.token_hash,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """A device, or a user's own phone page, that positions come from.

    `person_id` None: a vehicle, whose driver the device names.
    """

    id: str
    kind: str
    name: str
    area: str
    person_id: str | None
    datum: str = "wgs84"
    external_id: str = ""
    secret_required: bool = False
    token_hash: str = ""

    def admits(self, secret: str | None) -> bool:
        """Whether a secret is the device's, or none is needed and none was given."""
        if secret is None:
            return not self.secret_required
        return hmac.compare_digest(hash_token(secret), self.token_hash)

    @property
    def auth_code(self) -> str:
        """What a terminal is given when it registers: the same each time, and of no use for another device."""
        return hmac.new(self.token_hash.encode(), self.id.encode(), "sha256").hexdigest()[:16]


def sender_of(who: Who) -> Sender:
    """The caller of a request as a sender."""
    kind = "http" if who.session_hash is None else "page"
    return Sender(who.id, kind, who.display_name, who.area, who.person_id)


class Senders:
    """All registered devices, read again every few seconds while somebody asks; used from many threads."""

    def __init__(self, timeline: Timeline, *, persons: Mapping[str, str], call_signs: Mapping[str, str]) -> None:
        self._timeline = timeline
        self._persons = persons
        self._call_signs = call_signs
        self._lock = threading.Lock()
        self._by_name: dict[tuple[str, str], Sender] = {}
        self._read_at = timeline.now() - FRESH

    def move(self, persons: Mapping[str, str], call_signs: Mapping[str, str]) -> None:
        """Know other people from now on."""
        self._persons, self._call_signs = persons, call_signs

    def known(self, kind: str, external_id: str) -> Sender | None:
        """The device if it is fresh in memory; never touches the database."""
        if self._timeline.now() - self._read_at >= FRESH:
            return None
        return self._by_name.get((kind, external_id))

    def find(self, kind: str, external_id: str) -> Sender | None:
        """The active device of this kind and name; None where there is none."""
        name = kind, external_id
        if self._is_stale(name):
            with self._lock:
                # Of all that found it stale at the same moment only the first reads.
                if self._is_stale(name):
                    self._read()
        return self._by_name.get(name)

    def person(self, sender: Sender, driver: str | None) -> str | None:
        """Whose positions a report holds: the device's own person, else the driver that it names by id or call sign.

        None where nobody is named, or somebody outside the device's area.
        """
        if sender.person_id is not None:
            return sender.person_id
        person_id = self._call_signs.get(driver or "", driver or "")
        return person_id if self._persons.get(person_id, "-").startswith(sender.area) else None

    def _is_stale(self, name: tuple[str, str]) -> bool:
        age = self._timeline.now() - self._read_at
        return age >= FRESH or (name not in self._by_name and age >= MISSES)

    def _read(self) -> None:
        moment = self._timeline.now()
        query = select(*COLUMNS).where(DeviceRow.external_id.is_not(None), DeviceRow.active)
        with self._timeline.reading() as db:
            senders = [
                Sender(id, kind, name, area, person_id, datum, external_id or "", secret_required, token_hash)
                for id, kind, name, area, person_id, datum, external_id, secret_required, token_hash in db.execute(
                    query
                )
            ]
        self._by_name = {(sender.kind, sender.external_id): sender for sender in senders}
        self._read_at = moment
