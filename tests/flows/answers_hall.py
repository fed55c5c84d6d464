"""A hall in the middle of a working day, with a seat for every role, for whoever asks it anything at all."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import requests
from sqlalchemy import select

from command_center.access.commands import add_user, register_device
from command_center.access.tables import DeviceRow, UserRow
from command_center.app import create_app
from command_center.demo import load
from command_center.evidence.commands import StoredMedia, add_clip, clip_key, still_key
from command_center.evidence.tables import ClipRow, PhotoRow
from command_center.hall import Hall
from command_center.ingest.commands import take_signal
from command_center.ingest.feeds import set_feeds
from command_center.patrol.duties.tables import DutyRow
from command_center.patrol.lines.tables import LineRow
from command_center.patrol.plans.tables import PlanRow, TeamRow
from command_center.patrol.points.tables import PointRow
from command_center.patrol.video_patrol.tables import VideoPlanRow, VideoRoundRow
from command_center.prewarning.opening import Spot
from command_center.prewarning.safety.commands import ask
from command_center.prewarning.safety.tables import SafetyRow
from command_center.prewarning.tables import AlertRow, ProposalRow
from command_center.registry.closures.tables import ClosureRow
from command_center.response.commands import attach_clip
from command_center.response.finding.tables import KeptWishRow
from command_center.response.parties.tables import PartyRow
from command_center.response.tables import CaseRow, OrderRow, WayRow
from command_center.settings import Settings
from command_center.timeline import open_timeline
from command_center.timeline.ids import new_id
from gis.town import generate_town
from tests.access.serving import serving
from video.model import FeedSpec

TOWN = "320724199"
PASSWORD = "Lantern-festival-7"
# Every role that a user can have, one who sees a village only, and nobody.
SEATS = ("duty_officer", "shift_head", "dispatcher", "coordinator", "responder", "citizen", "administrator",
         "wall_display", "intake", "department", "supervisor", "leader", "village", "nobody")  # fmt: skip
JPEG = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8))[1].tobytes()


@dataclass(frozen=True)
class Seen:
    """A signal as the video engine reports it."""

    feed_id: str
    kind: str
    started_at: datetime
    id: str = field(default_factory=new_id)
    ended_at: datetime | None = None
    score: float = 0.9
    box: tuple[float, float, float, float] | None = (0.1, 0.2, 0.3, 0.4)
    detail: Any = field(default_factory=dict)


@dataclass
class DayHall:
    """A served hall, its seats, and what it holds right now.

    Attributes:
        let_in: by operation, the seats that were not turned away from it.
        table: the description of a way of working that comes with the product.
    """

    host: str
    hall: Hall
    seats: dict[str, requests.Session] = field(default_factory=dict)
    let_in: dict[str, list[str]] = field(default_factory=dict)
    table: Any = None

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def seat(self, name: str) -> requests.Session:
        """The browser of a seat, signed in again if its session came to an end."""
        session = self.seats.get(name)
        if session is not None and session.cookies:
            return session
        session = self.seats[name] = requests.Session()
        if name != "nobody":
            answer = session.post(f"{self.url}/api/v1/session", json={"name": name, "password": PASSWORD})
            answer.raise_for_status()
            session.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return session

    def newest(self, column: Any, *where: Any, most: int = 8) -> list[Any]:
        """Some of what a table holds: the first rows and the last ones."""
        with self.hall.timeline.reading() as db:
            found = list(db.scalars(select(column).where(*where)))
        return found if len(found) <= most else found[: most // 2] + found[-most // 2 :]

    def _pairs(self, *columns: Any) -> list[tuple[str, str]]:
        """Of a case, with what hangs on it; of the value of a case, its approvals."""
        with self.hall.timeline.reading() as db:
            rows = [(case, one) for case, one in db.execute(select(*columns))]
        pairs = [(case, one) for case, one in rows if isinstance(one, str)]
        pairs += [(case, ask["id"]) for case, one in rows if isinstance(one, dict) for ask in one.get("approvals", ())]
        return pairs[-8:]

    def things(self) -> dict[str, list[Any]]:
        """What can be asked for, by what it is; in the order of the tables."""
        town, hall = self.hall.town, self.hall
        uploads = hall.settings.data_dir / "imports"
        strangers = UserRow.name.like("someone%")
        return {
            "alert": self.newest(AlertRow.id),
            "case": self.newest(CaseRow.id, most=16),
            "code": self.newest(CaseRow.code),
            "query_code": self.newest(CaseRow.query_code),
            "approval": self._pairs(CaseRow.id, CaseRow.value),
            "party": self._pairs(PartyRow.case_id, PartyRow.id),
            "order": self.newest(OrderRow.id),
            "photo": self.newest(PhotoRow.id),
            "case_photo": self._pairs(PhotoRow.case_id, PhotoRow.id),
            "clip": self.newest(ClipRow.id),
            "proposal": self.newest(ProposalRow.id),
            "safety": self.newest(SafetyRow.id),
            "camera": list(town.cameras)[:6],
            "person": list(town.persons)[:12],
            "unit": list(town.units),
            "category": list(town.categories)[:12],
            "area": [TOWN, TOWN + "201", *list(town.grids)[:3]],
            "point": self.newest(PointRow.id),
            "line": self.newest(LineRow.id),
            "duty": self.newest(DutyRow.id),
            "team": self.newest(TeamRow.id),
            "plan": self.newest(PlanRow.id),
            "video_plan": self.newest(VideoPlanRow.id),
            "video_round": self.newest(VideoRoundRow.id),
            "closure": self.newest(ClosureRow.id),
            "way": [*self.newest(WayRow.id), "hall", "emergency", "bz", "nowhere"],
            "kept": self.newest(KeptWishRow.id),
            "user": self.newest(UserRow.id, strangers),
            "device": self.newest(DeviceRow.id),
            "upload": sorted(one.name for one in uploads.iterdir())[:8] if uploads.is_dir() else [],
            "lonlat": [[round(x, 6) for x in place.lonlat] for place in list(town.places.values())[:12]],
        }


@contextmanager
def day_hall(folder: Path, *, url: str = "") -> Iterator[DayHall]:
    """A hall of one's own over a real socket, with something of everything in it."""
    settings = Settings(data_dir=folder, database_url=url, plan_solve_s=1, plan_relax_s=0, reveals_per_hour=10_000)
    timeline = open_timeline(settings.timeline_url)
    town = load(timeline, generate_town())
    persons, units = list(town.persons), list(town.units)
    with timeline.transaction() as tx:
        for role in SEATS[:-2]:
            add_user(
                tx, name=role, display_name=role, role=role, area=TOWN, password=PASSWORD,
                person_id=persons[0] if role == "responder" else None,
                unit_id=units[0] if role == "department" else None,
            )  # fmt: skip
        add_user(tx, name="village", display_name="村", role="duty_officer", area=TOWN + "201", password=PASSWORD)
        add_user(tx, name="someone", display_name="某", role="citizen", area=TOWN, password=PASSWORD)
        register_device(tx, name="手台", area=TOWN, person_id=persons[1])
    timeline.close()
    app = create_app(settings)
    hall: Hall = app.state.hall
    with hall.timeline.transaction() as tx:
        # Rows of feeds that nobody watches: the hall has made up its mind to have no monitor.
        set_feeds(tx, [FeedSpec(id, "rtsp://127.0.0.1:9/") for id in list(town.cameras)[:4]])
    with serving(app) as host, ExitStack() as stack:
        made = DayHall(host, hall)
        for session in SEATS:
            stack.callback(made.seat(session).close)
        _Morning(made).happen()
        yield made


class _Morning:
    """What has happened in the hall until now, done as its users do it."""

    def __init__(self, made: DayHall) -> None:
        self._made, self._hall = made, made.hall
        self._cameras = list(made.hall.town.cameras)

    def happen(self) -> None:
        self._see()
        cases = [self._case_of(alert) for alert in self._alerts(4)[:2]]
        self._work_on(cases[0])
        self._save_clip(cases[1])
        self._take_down()
        self._patrol()
        self._close_a_road()
        self._bring_a_file()
        self._keep_and_describe()
        with self._hall.timeline.transaction() as tx:
            person = next(iter(self._hall.town.persons))
            spot: Spot = self._hall.town.cameras[self._cameras[0]]
            ask(tx, person_id=person, on_duty="", spot=spot, still_since=tx.now, answer_s=3600.0)

    def _as(self, seat: str, method: str, path: str, **how: Any) -> Any:
        answer = self._made.seat(seat).request(method, f"{self._made.url}/api/v1{path}", **how)
        assert answer.ok, f"{seat} {method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _see(self) -> None:
        for number, kind in enumerate(("intrusion", "fire", "crowd", "left_object")):
            camera = self._hall.town.cameras[self._cameras[number]]
            with self._hall.timeline.transaction() as tx:
                take_signal(tx, Seen(camera.id, kind, datetime.now(UTC)), self._hall.area_of_camera)

    def _alerts(self, count: int) -> list[Any]:
        return _until(lambda: self._as("duty_officer", "GET", "/alerts"), lambda found: len(found) >= count)

    def _case_of(self, alert: Any) -> str:
        self._as("duty_officer", "POST", f"/alerts/{alert['id']}/take")
        case = self._as("duty_officer", "POST", f"/alerts/{alert['id']}/confirm", json={"category": "02998"})
        return str(case["id"])

    def _work_on(self, case: str) -> None:
        person = next(iter(self._hall.town.persons))
        self._as("duty_officer", "POST", f"/cases/{case}/dispatch", json={"person_ids": [person]})
        order = self._as("responder", "GET", "/orders/mine")["orders"][0]["id"]
        for verb, body in (("accept", None), ("depart", None), ("arrive", {"note": "到了"})):
            self._as("responder", "POST", f"/orders/{order}/{verb}", json=body)
        photo = {"photo": ("a.jpg", io.BytesIO(JPEG), "image/jpeg")}
        self._as("responder", "POST", f"/orders/{order}/feedback", data={"text": "已劝离"}, files=photo)
        position = {"at": datetime.now(UTC).isoformat(), "lon": 119.35, "lat": 34.1}
        self._as("responder", "POST", "/positions", json={"positions": [position]})

    def _save_clip(self, case: str) -> None:
        content = b"\0\0\0\x18ftypmp42" + bytes(100)
        stored = StoredMedia(new_id(), "video/mp4", sha256(content).hexdigest(), len(content))
        self._hall.media.put(clip_key(stored.id), content)
        self._hall.media.put(still_key(stored.id, 0), JPEG)
        camera = self._hall.town.cameras[self._cameras[0]]
        alert = self._made.newest(AlertRow.id)[0]
        with self._hall.timeline.transaction() as tx:
            row = add_clip(
                tx, stored, alert_id=alert, case_id=case, camera_id=camera.id, area=camera.area,
                start_at=tx.now, end_at=tx.now, stills=1,
            )  # fmt: skip
            attach_clip(tx, row)

    def _take_down(self) -> None:
        place = next(iter(self._hall.town.places.values()))
        for channel in self._as("intake", "GET", "/intake")["channels"]:
            matter = {"channel": channel["code"], "category": "01001", "text": "路灯不亮", "place": place.name,
                      "lonlat": list(place.lonlat)}  # fmt: skip
            answer = self._made.seat("intake").post(f"{self._made.url}/api/v1/intake/cases", json=matter)
            if answer.ok:
                party = {"role": "reporter", "name": "王小明", "phone": "13800138000"}
                self._as("intake", "POST", f"/cases/{answer.json()['id']}/parties", json=party)

    def _patrol(self) -> None:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        self._as("coordinator", "POST", "/patrol/plans", json={"day": tomorrow})
        road = max(self._hall.town.roads, key=lambda one: len(one.line))
        line = {"name": "主街", "line": [list(one) for one in road.line[:5]],
                "windows": [{"start": "08:00:00", "end": "20:00:00"}]}  # fmt: skip
        self._as("coordinator", "POST", "/patrol/lines", json=line)
        _until(lambda: self._made.newest(VideoRoundRow.id), bool)

    def _close_a_road(self) -> None:
        road = max(self._hall.town.roads, key=lambda one: len(one.line))
        closure = {"shape": "line", "corners": [list(one) for one in road.line[:3]], "profiles": ["car"],
                   "name": "主街", "reason": "works"}  # fmt: skip
        self._as("duty_officer", "POST", "/closures", json=closure)

    def _bring_a_file(self) -> None:
        rows = "名称,类型,经度,纬度\n新点,shop,119.35,34.1\n".encode()
        self._as("coordinator", "POST", "/registry/imports/uploads", params={"name": "places.csv"}, data=rows)

    def _keep_and_describe(self) -> None:
        self._as("duty_officer", "PUT", "/cases/found/kept", json={"name": "我的", "wish": {"q": "路灯"}})
        self._made.table = self._as("leader", "GET", "/ways/bz")["table"]
        draft = {"id": "own_way", "name": {"zh": "自己的", "en": "Our own"}, "extends": "bz"}
        self._as("leader", "PUT", "/ways/own_way", json={"table": draft, "version": 0})


def _until(look: Callable[[], Any], enough: Callable[[Any], Any]) -> Any:
    end = time.monotonic() + 20
    while not enough(found := look()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found
