import json
import re

import pytest

from gis.brief import Mark, briefing_map
from gis.town import generate_town
from gis.town_model import Town


@pytest.fixture(scope="module")
def town() -> Town:
    return generate_town(cameras=10)


@pytest.fixture(scope="module")
def page(town: Town) -> str:
    marks = [Mark(town.places[7].lonlat, "人员聚集 <疑似>", 1), Mark(town.places[9].lonlat, "集结点")]
    return briefing_map(town, title="晚间巡防部署", made_at="2026-11-22 18:00", marks=marks)


def escaped(text: str) -> str:
    """As it stands inside the page's script."""
    return json.dumps(text)[1:-1]


def test_a_briefing_map_asks_no_network_for_anything(page: str) -> None:
    assert not re.findall(r"""<(?:script|img|iframe)[^>]+src=|<link[^>]+href=|@import|url\((?!#)""", page)
    assert not re.findall(r"(?:jsdelivr|cdnjs|unpkg|bootstrapcdn|tile\.openstreetmap)", page)


def test_a_briefing_map_names_villages_points_marks_and_says_that_it_is_a_model(page: str, town: Town) -> None:
    assert all(escaped(village.name) in page for village in town.villages)
    assert all(point.name in page for point in town.points)
    assert "晚间巡防部署" in page
    assert "模型数据" in page
    assert escaped("Ⅰ") in page


def test_text_of_a_mark_cannot_become_markup(page: str) -> None:
    assert escaped("疑似") in page
    assert "<" + escaped("疑似") not in page
    assert "&lt;".replace("&", "\\u0026") + escaped("疑似") in page
