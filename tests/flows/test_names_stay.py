"""What is known of a person stays under lock on every way out of a hall, whoever looks."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from command_center.access.commands import add_user
from command_center.access.roles import USER_ROLES
from command_center.ingest.commands import take_signal
from tests.flows.conftest import PASSWORD, TOWN, Served
from tests.response.hall import Seen
from tests.response.parties.people import id_number
from tests.wall.client import Page

PERSON = {
    "role": "reporter",
    "name": "佟雪岚",
    "phone": "13598760421",
    "id_number": id_number(order="997"),
    "address": "示范镇十里牌村梧桐巷 73 号",
    "note": "孩子在外地，急事打 18765410329",
}
# The parts that tell who it is; what masks keep (village, first and last digits) is not among them.
SECRETS = ("佟雪岚", "13598760421", PERSON["id_number"], "梧桐巷", "18765410329", "孩子在外地")
IN_TEXTS = "15265439871"


@pytest.fixture
def seats(served: Served) -> Iterator[dict[str, httpx.Client]]:
    """Everybody who can sign in, by role; `clerk` is the duty officer who takes the person down."""
    responder = next(iter(served.hall.town.persons))
    names = {f"seat-{role}": role for role in USER_ROLES} | {"clerk": "duty_officer"}
    with served.hall.timeline.transaction() as tx:
        for name, role in names.items():
            person_id = responder if role == "responder" else None
            unit_id = "U01" if role == "department" else None
            add_user(
                tx, name=name, display_name=name, role=role, area=TOWN, password=PASSWORD, person_id=person_id,
                unit_id=unit_id,
            )  # fmt: skip
    with ExitStack() as stack:
        yield {name.removeprefix("seat-"): stack.enter_context(served.sign_in(name)) for name in names}


def follow(served: Served, client: httpx.Client) -> Page:
    """A page of a seat, from its snapshot on."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return Page(f"ws://{served.host}/ws", Cookie=cookie, Origin=f"http://{served.host}").subscribe()


def said(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def open_case(served: Served, clerk: httpx.Client) -> Any:
    camera = next(iter(served.hall.town.cameras.values()))
    with served.hall.timeline.transaction() as tx:
        take_signal(tx, Seen("signal-1", camera.id, "intrusion", tx.now), lambda _id: camera.area)
    until = time.monotonic() + 20
    # A window of a mandatory point may end meanwhile, and is an alert too.
    while not (alerts := [one for one in said(clerk.get("/api/v1/alerts")) if one["kind"] == "intrusion"]):
        assert time.monotonic() < until, "no alert was raised"
        time.sleep(0.05)
    path = f"/api/v1/alerts/{alerts[0]['id']}"
    said(clerk.post(f"{path}/take"))
    return said(clerk.post(f"{path}/confirm", json={"category": "02998", "title": f"有人翻墙，报警人 {IN_TEXTS}"}))


def live_the_case(served: Served, seats: dict[str, httpx.Client]) -> tuple[str, str]:
    """Everything that is done with a case whose reporter is known; returns its id and its query code."""
    clerk, phone, key = seats["clerk"], seats["responder"], {"Idempotency-Key": "a-key-of-the-clerk"}
    case = open_case(served, clerk)
    path = f"/api/v1/cases/{case['id']}"
    party = said(clerk.post(f"{path}/parties", json=PERSON, headers=key))
    said(clerk.post(f"{path}/parties", json={"role": "witness", "name": "某人", "phone": PERSON["phone"]}))
    change = {"version": 1, "note": PERSON["note"] + "。"}
    said(clerk.patch(f"{path}/parties/{party['id']}", json=change, headers={"Idempotency-Key": "another-key"}))
    wish = {"field": "phone", "purpose": f"回访 {PERSON['phone']}"}
    assert said(clerk.post(f"{path}/parties/{party['id']}/reveal", json=wish))["value"] == PERSON["phone"]
    assert said(clerk.post("/api/v1/callers", json={"phone": PERSON["phone"]}))["count"] == 1
    bad = clerk.post(f"{path}/parties", json={**PERSON, "role": PERSON["name"], "phone": PERSON["phone"] + "0"})
    assert bad.status_code == 422
    assert not any(secret in bad.text for secret in SECRETS)
    person_id = next(iter(served.hall.town.persons))
    said(clerk.post(f"{path}/dispatch", json={"person_ids": [person_id]}))
    (order,) = said(phone.get("/api/v1/orders/mine"))["orders"]
    for verb, body in (("accept", {}), ("depart", {}), ("arrive", {"note": f"到了 {IN_TEXTS}"})):
        said(phone.post(f"/api/v1/orders/{order['id']}/{verb}", json=body))
    said(phone.post(f"/api/v1/orders/{order['id']}/feedback", data={"text": f"已联系 {IN_TEXTS}"}))
    said(phone.post(f"/api/v1/orders/{order['id']}/done"))
    head = seats["shift_head"]
    said(head.post(f"{path}/resolve", json={"answer": f"已答复 {IN_TEXTS}"}))
    said(head.post(f"{path}/call-back", json={"rating": 5, "solved": True, "note": f"满意，{IN_TEXTS}"}))
    assert said(head.post(f"{path}/archive"))["archive_hash"]
    return case["id"], case["query_code"]


def readable(case_id: str, query_code: str, party_ids: list[str]) -> list[str]:
    """Addresses under which anything of the case might be read."""
    of_case = [f"/cases/{case_id}", f"/cases/{case_id}/parties", f"/cases/{case_id}/candidates"]
    of_parties = [f"/cases/{case_id}/parties/{id}/earlier" for id in party_ids]
    lists = ["/cases", "/alerts", "/orders/mine", "/audit?limit=1000", "/users"]
    paths = (*of_case, *of_parties, *lists, f"/public/cases/{query_code}")
    return ["/healthz", "/metrics", *(f"/api/v1{path}" for path in paths)]


def test_no_secret_of_a_person_leaves_the_hall_for_any_role_or_lies_open_in_it(
    served: Served, seats: dict[str, httpx.Client], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for asking in ("httpx", "httpcore", "websockets"):
        caplog.set_level(logging.ERROR, asking)
    pages = {role: follow(served, client) for role, client in seats.items() if role not in ("citizen", "administrator")}
    case_id, query_code = live_the_case(served, seats)
    head = served.hall.timeline.head().seq
    heard: dict[str, str] = {}
    for role, page in pages.items():
        while (page.seq or 0) < head and role not in ("responder", "department"):
            page.read()
        fresh = follow(served, seats[role]).read_until("snapshot")
        heard[role] = f"{page.facts} {page.snapshots} {fresh.snapshots}"
    assert "party_added" in heard["wall_display"] and "135****0421" in heard["wall_display"]
    asked: dict[str, str] = {}
    party_ids = [one["id"] for one in said(seats["duty_officer"].get(f"/api/v1/cases/{case_id}/parties"))]
    for role, client in seats.items():
        answers = [client.get(path).text for path in readable(case_id, query_code, party_ids)]
        asked[role] = "\n".join(answers)
    assert "party.phone_revealed" in asked["shift_head"]
    # Who took the person down knows the name and the note, and no number.
    asked["clerk"] = asked["clerk"].replace("佟雪岚", "").replace("孩子在外地", "")
    logged = caplog.text + "".join(capfd.readouterr())
    kept = {path.name: path.read_bytes() for path in served.hall.settings.data_dir.rglob("*") if path.is_file()}
    assert {"yiping.db", "yiping.db-wal", "names.key"} <= set(kept)
    for secret in SECRETS:
        assert [role for role, text in heard.items() if secret in text] == []
        assert [role for role, text in asked.items() if secret in text] == []
        assert secret not in logged
        assert [name for name, content in kept.items() if secret.encode() in content] == []
    # Typed into free texts, a number lies in the rows as it was written, and leaves them masked.
    for role, text in {**heard, **asked}.items():
        assert IN_TEXTS not in text, role
    assert "152****9871" in heard["wall_display"]
