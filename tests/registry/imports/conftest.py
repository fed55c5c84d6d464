"""A small town, imported from files into a real SQLite database; made once, each test works on a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.timeline import Timeline, open_timeline

from .land import settle


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a town."""
    path = tmp_path_factory.mktemp("bare") / "hall.db"
    open_timeline(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def ground(bare: Path) -> Path:
    """A database with the small town."""
    path = Path(shutil.copy(bare, bare.with_name("land.db")))
    timeline = open_timeline(f"sqlite:///{path}")
    settle(timeline, path.parent)
    timeline.close()
    return path


@pytest.fixture
def empty(bare: Path, tmp_path: Path) -> Iterator[Timeline]:
    timeline = open_timeline(f"sqlite:///{shutil.copy(bare, tmp_path / 'empty.db')}")
    yield timeline
    timeline.close()


@pytest.fixture
def land(ground: Path, tmp_path: Path) -> Iterator[Timeline]:
    timeline = open_timeline(f"sqlite:///{shutil.copy(ground, tmp_path / 'hall.db')}")
    yield timeline
    timeline.close()
