"""Arrows point with the flow, and the script that says so sees what is wrong."""

from pathlib import Path

import pytest

from scripts.arrows import ROOT, cycles, offences, read


def test_code_keeps_to_the_flow() -> None:
    assert offences(read(ROOT)) == []


def write(root: Path, **files: str) -> None:
    for package in ("command_center", "gis", "video"):
        (root / package).mkdir()
    for name, text in files.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"gis__a": "import fastapi.routing"}, "gis.a: must not know fastapi"),
        ({"video__a": "from command_center import errors"}, "video.a: must not know command_center"),
        ({"gis__a": "def f():\n    import math"}, "gis.a: import inside a function, line 2"),
        (
            {"command_center__patrol__a": "from command_center.response import b", "command_center__response__b": ""},
            "command_center.patrol.a: arrow against the flow, patrol → response (command_center.response.b)",
        ),
        (
            {"command_center__wall__a": "from ..registry.b import C", "command_center__registry__b": ""},
            "command_center.wall.a: wall may know errors, settings, timeline only, not command_center.registry.b",
        ),
        (
            {"command_center__patrol__a": "import command_center.app", "command_center__app": ""},
            "command_center.patrol.a: arrow against the flow, patrol → app (command_center.app)",
        ),
        ({"gis__a": "from gis import b", "gis__b": "from . import a"}, "modules in a cycle: gis.a gis.b"),
    ],
)
def test_every_rule_is_seen_to_be_broken(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    write(tmp_path, **files)
    assert sentence in offences(read(tmp_path))


def test_cycles_are_found_in_any_graph() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}}) == [
        ["a", "b", "c"],
        ["e", "f"],
    ]
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
