"""The people of the stories: each a seat behind a real browser's cookies, with verbs for what he does in his hall."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np

from command_center.registry.clocks import LOCAL
from command_center.registry.tables import UnitRow
from command_center.response.case_keeper import CaseKeeper
from gis.town_model import Unit
from tests.response.hall import Hall
from tests.response.serving_hall import PASSWORD, ServedHall, said, served
from tests.response.small_town import ORIGIN, TOWN, corner
from tests.response.small_town import OTHER_VILLAGE as VILLAGE_AREA

COUNTY = "320724"
PHOTO = cv2.imencode(".jpg", np.full((64, 64, 3), 90, np.uint8))[1].tobytes()
POLICE, JUSTICE, LABOUR, VILLAGE, COURT, BUILDING, CENTER, DISTRICT = (
    "U01", "U02", "U03", "U10", "U11", "U12", "U13", "U20",
)  # fmt: skip
MORE_UNITS = (
    Unit(VILLAGE, "village", "村民委员会", ORIGIN, TOWN),
    Unit(COURT, "court", "人民法庭", ORIGIN, VILLAGE_AREA),
    Unit(BUILDING, "housing", "乡村建设规划中心", ORIGIN, TOWN),
    Unit(CENTER, "governance", "镇社会治理综合服务中心", ORIGIN, TOWN),
    Unit(DISTRICT, "governance", "区综治中心", ORIGIN, COUNTY),
)


def at(text: str) -> datetime:
    """An instant of the story, as clocks at the wall show it."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


class Person:
    """Somebody at his seat."""

    def __init__(self, http: httpx.Client, name: str) -> None:
        self._http = http
        self._name = name

    def asks(self, method: str, path: str, status: int = 200, **how: Any) -> Any:
        """A request; after a night away one signs in again."""
        return said(self._request(method, path, **how), status)

    def _request(self, method: str, path: str, **how: Any) -> httpx.Response:
        answer = self._http.request(method, path, **how)
        if answer.status_code != 401:
            return answer
        again = said(self._http.post("/session", json={"name": self._name, "password": PASSWORD}))
        self._http.headers["X-CSRF-Token"] = again["csrf"]
        return self._http.request(method, path, **how)

    def sees(self, case: str) -> Any:
        return self.asks("GET", f"/cases/{case}/work")

    def may(self, case: str) -> set[str]:
        return {one["action"] for one in self.sees(case)["offers"] if one["why_not"] is None}

    def has_to_do(self, case: str) -> bool:
        return case in [one["id"] for one in self.asks("GET", "/cases/queue")["cases"]]

    def does(self, action: str, case: str, status: int = 200, **words: Any) -> Any:
        return self.asks("POST", f"/cases/{case}/steps", status, json={"action": action, "said": words})

    def is_refused(self, action: str, case: str, **words: Any) -> str:
        answer = self._request("POST", f"/cases/{case}/steps", json={"action": action, "said": words})
        assert answer.status_code in (400, 403, 404, 409), answer.text
        return str(answer.json()["code"])

    def takes_in(self, text: str, *, way: str, category: str, channel: str = "window", place: str = "三组地头") -> str:
        matter = {"channel": channel, "category": category, "text": text, "place": place, "lonlat": corner(1)}
        return str(self.asks("POST", "/intake/cases", 201, json={**matter, "way": way})["id"])

    def hands_over(self, number: str, text: str, status: int = 201, **more: Any) -> Any:
        incident = {
            "number": number, "kind": "纠纷", "text": text, "place": "厂门口", "lonlat": corner(2),
            "reason": "不属于违法犯罪，需要调解", **more,
        }  # fmt: skip
        return self.asks("POST", "/handovers", status, json=incident)

    def sends(self, case: str, lead: str, *helpers: str) -> Any:
        return self.does("dispatch", case, lead=lead, helpers=list(helpers))

    def photographs(self, case: str) -> str:
        files = {"photo": ("p.jpg", PHOTO)}
        return str(self.asks("POST", f"/cases/{case}/photos", 201, files=files)["id"])

    def mediates(self, case: str, kind: str, result: str, **more: Any) -> Any:
        words = {"kind": kind, "result": result, "present": ["申请人", "被申请人"], **more}
        return self.does("mediate", case, **words)

    def files_the_rest(self, case: str) -> None:
        papers = ["申请书", "权利义务告知书", "身份证明", "封底"]
        self.does("add_papers", case, papers=papers)

    def answers(self, case: str, kind: str, text: str) -> None:
        """What the own unit says to each call of a kind that is still open."""
        offered = next(one for one in self.sees(case)["offers"] if one["action"] == "join")
        calls = {one["id"]: one for one in self.sees(case)["work"]["calls"]}
        for id, _ in offered["fields"][0]["choices"]:
            if calls[id]["kind"] == kind and self.unit in calls[id]["units"]:
                self.does("join", case, collaboration=id, text=text)

    unit = ""


class Story:
    """A hall at the time of a story, with its time in the teller's hand."""

    def __init__(self, here: ServedHall, begins: str) -> None:
        self._here = here
        self.hall = here.hall
        self.hall.clock.moment = at(begins)

    def person(self, name: str, role: str, **more: Any) -> Person:
        return Person(self._here.sign_in(name, role, **more), name)

    def of(self, unit: str, name: str) -> Person:
        """Somebody of a department."""
        person = self.person(name, "department", unit_id=unit, area=COUNTY)
        person.unit = unit
        return person

    def becomes(self, moment: str) -> None:
        """Time goes by, and the keeper acts on all clocks that run out meanwhile."""
        assert at(moment) > self.hall.clock.moment
        self.hall.clock.moment = at(moment)
        keeper = CaseKeeper(self.hall.timeline)
        while keeper.step():
            pass

    def passes(self, **span: float) -> None:
        self.becomes((self.hall.clock.moment + timedelta(**span)).astimezone(LOCAL).replace(tzinfo=None).isoformat())

    def stands(self, person_id: str, place: int) -> None:
        self._here.stand(person_id, corner(place))

    def expired(self, case: str) -> list[Any]:
        facts = self.hall.timeline.since(0, 100_000)
        return [one.data["expired"] for one in facts if one.id == case and one.kind == "response.clock_expired"]


@contextmanager
def story(folder: Path, begins: str) -> Iterator[Story]:
    hall = Hall(f"sqlite:///{folder}/hall.db")
    units = {**hall.town.units, **{unit.id: unit for unit in MORE_UNITS}}
    hall.town = replace(hall.town, units=units)
    with hall.tx() as tx:
        for unit in MORE_UNITS:
            row = {"id": unit.id, "kind": unit.kind, "name": unit.name, "area": unit.area}
            tx.session.merge(UnitRow(**row, lon=unit.lonlat[0], lat=unit.lonlat[1]))
    with served(hall, folder) as here:
        yield Story(here, begins)
    hall.timeline.close()


def told(work: Any) -> list[str]:
    """The steps of a case as its timeline tells them."""
    return [fact["data"]["step"]["action"] for fact in work["facts"] if "step" in fact["data"]]
