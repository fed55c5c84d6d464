"""One hall on SQLite, and where PostgreSQL is at hand the same on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .hall import Hall


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/hall.db"
    else:
        url = request.getfixturevalue("hall_postgres_url")
    made = Hall(url)
    yield made
    made.timeline.close()
