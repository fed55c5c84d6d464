"""Addresses over HTTP: a real server, a real registry, callers with their own areas."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from command_center import errors
from command_center.access import routes as access_routes
from command_center.access.commands import add_user
from command_center.registry import addresses_routes
from command_center.registry.addresses import Addresses
from command_center.registry.town_index import TownIndex
from command_center.settings import Settings
from command_center.timeline import Timeline
from gis.addresses import Spot
from tests.access.serving import serving
from tests.registry.test_routes import PASSWORD, signed_in

POINTS = [Spot("point", "D9", "老渡口卡点", (119.3795, 34.1225), "320724199002004", 80.0)]
USERS = (("whole", "320724199"), ("lake", "320724199204"))


@pytest.fixture(scope="module")
def host(timeline: Timeline, town: TownIndex) -> Iterator[str]:
    app = FastAPI()
    errors.install(app)
    app.state.timeline, app.state.settings, app.state.town = timeline, Settings(), town
    app.state.addresses = Addresses(lambda: POINTS)
    app.include_router(access_routes.router)
    app.include_router(addresses_routes.router)
    with timeline.transaction() as tx:
        for name, area in USERS:
            add_user(tx, name=name, display_name=name, role="duty_officer", area=area, password=PASSWORD)
    with serving(app) as address:
        yield address


def test_nobody_asks_for_addresses_without_signing_in(host: str) -> None:
    assert httpx.get(f"http://{host}/api/v1/addresses?q=白鹭村").status_code == 401


def test_an_address_is_answered_with_parts_candidates_and_reasons(host: str) -> None:
    with signed_in(host, "whole") as client:
        answer = client.get("/api/v1/addresses", params={"q": "灌南县示范镇白鹭村三组，供销社东边"}).json()
    first = answer["candidates"][0]
    assert (first["label"], first["kind"], first["area"][:12]) == ("白鹭村三组", "group", "320724199200")
    assert {part["kind"] for part in answer["parts"]} >= {"county", "town", "group"}
    assert first["reasons"][0] == {"code": "name_full", "params": {"written": "白鹭村3组"}}
    assert answer["why"] is None


def test_a_caller_gets_only_what_lies_in_his_area(host: str) -> None:
    with signed_in(host, "lake") as client:
        own = client.get("/api/v1/addresses", params={"q": "砚湖警务站"}).json()["candidates"]
        others = client.get("/api/v1/addresses", params={"q": "示范镇卫生院", "typing": True}).json()
    assert own[0]["label"] == "砚湖警务站"
    assert all(one["area"].startswith("320724199204") for one in own)
    assert others["candidates"] == []
    assert others["why"] == {"code": "nothing", "params": {}}


def test_points_of_patrol_are_among_the_candidates(host: str) -> None:
    with signed_in(host, "whole") as client:
        found = client.get("/api/v1/addresses", params={"q": "老渡口卡点西边50米"}).json()["candidates"]
    assert (found[0]["kind"], found[0]["id"]) == ("point", "D9")


def test_a_letter_is_refused_and_a_long_text_is_read(host: str) -> None:
    with signed_in(host, "whole") as client:
        assert client.get("/api/v1/addresses", params={"q": "村" * 2001}).status_code == 422
        long = client.get("/api/v1/addresses", params={"q": "栖云小学" + "。" * 1990, "limit": 1})
    assert [one["label"] for one in long.json()["candidates"]] == ["栖云小学"]


def test_the_book_is_made_anew_only_when_the_town_or_its_points_have_changed(town: TownIndex) -> None:
    points = list(POINTS)
    addresses = Addresses(lambda: points)
    first = addresses.book(town)
    assert addresses.book(town) is first
    points.append(Spot("point", "D10", "新渡口", (119.38, 34.12), "320724199002004", 80.0))
    assert addresses.book(town) is not first
