"""The promises of the log on both engines."""

from pathlib import Path

import pytest

from tests.contracts.timeline_contract import TimelineContract


class TestSqliteTimeline(TimelineContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/hall.db"


@pytest.mark.postgres
class TestPostgresTimeline(TimelineContract):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url
