"""A whole hall over real sockets: the real application on a real database, without cameras."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from command_center.access.commands import add_user
from command_center.app import create_app
from command_center.demo import load
from command_center.hall import Hall
from command_center.settings import Settings
from command_center.timeline import open_timeline
from gis.town import generate_town
from tests.access.serving import serving

TOWN = "320724199"
PASSWORD = "Lantern-festival-7"


@dataclass(frozen=True)
class Served:
    """A hall that is being served."""

    host: str
    hall: Hall

    @contextmanager
    def sign_in(self, name: str, *, language: str = "zh") -> Iterator[httpx.Client]:
        with httpx.Client(base_url=f"http://{self.host}", headers={"Accept-Language": language}) as client:
            answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the model town and one user for each seat."""
    data = tmp_path_factory.mktemp("loaded")
    timeline = open_timeline(Settings(data_dir=data).timeline_url)
    load(timeline, generate_town())
    with timeline.transaction() as tx:
        for role in ("duty_officer", "coordinator", "administrator", "wall_display"):
            add_user(tx, name=role, display_name=role, role=role, area=TOWN, password=PASSWORD)
        add_user(tx, name="village", display_name="村", role="duty_officer", area=TOWN + "201", password=PASSWORD)
    timeline.close()
    return data


@pytest.fixture
def settings(loaded: Path, tmp_path: Path) -> Settings:
    """Of a hall of one's own, on a copy of the loaded town."""
    (tmp_path / "yiping.db").write_bytes((loaded / "yiping.db").read_bytes())
    return Settings(data_dir=tmp_path, beat_s=0.2)


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    app = create_app(settings)
    with serving(app) as host:
        yield Served(host, app.state.hall)
