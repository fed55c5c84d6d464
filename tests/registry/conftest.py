"""The model town in a real SQLite file, once for all tests that only read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_center.registry.commands import load_town
from command_center.registry.queries import town_index
from command_center.registry.town_index import TownIndex
from command_center.timeline import Timeline, open_timeline
from command_center.timeline.tables import Base
from gis.town import generate_town
from gis.town_model import Town


def open_hall(path: Path) -> Timeline:
    timeline = open_timeline(f"sqlite:///{path}")
    Base.metadata.create_all(timeline.engine)
    return timeline


@pytest.fixture(scope="session")
def model_town() -> Town:
    return generate_town()


@pytest.fixture(scope="session")
def timeline(tmp_path_factory: pytest.TempPathFactory, model_town: Town) -> Iterator[Timeline]:
    timeline = open_hall(tmp_path_factory.mktemp("registry") / "hall.db")
    with timeline.transaction() as tx:
        assert load_town(tx, model_town)
    yield timeline
    timeline.close()


@pytest.fixture(scope="session")
def town(timeline: Timeline) -> TownIndex:
    with timeline.reading() as session:
        return town_index(session)
