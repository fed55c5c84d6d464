"""kill -9 at random moments under load: nothing acknowledged is lost, nothing is done twice."""

from pathlib import Path

import pytest

from scripts.kill9 import torment


def test_killed_server_keeps_every_acknowledged_command_once_on_sqlite(tmp_path: Path) -> None:
    outcome = torment(f"sqlite:///{tmp_path}/hall.db", times=10)
    assert outcome.kept, outcome
    assert outcome.acknowledged > 0


@pytest.mark.postgres
def test_killed_server_keeps_every_acknowledged_command_once_on_postgresql(postgres_url: str) -> None:
    outcome = torment(postgres_url, times=10)
    assert outcome.kept, outcome
    assert outcome.acknowledged > 0
