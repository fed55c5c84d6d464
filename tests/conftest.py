"""What every room's tests share: one PostgreSQL for all of them, and one migrated database that halls start from."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine

from command_center.timeline import migrate, store
from tests.postgres import _hall_template, hall_postgres_url, postgres_server, postgres_url

__all__ = ["_hall_template", "hall_postgres_url", "postgres_server", "postgres_url"]

# How long an example takes says nothing on a machine that has other work; benches print times.
hypothesis.settings.register_profile("yiping", deadline=None)
hypothesis.settings.load_profile("yiping")


@pytest.fixture(scope="session", autouse=True)
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A hall on a new SQLite file gets a copy of a migrated one: migrating takes a third of a second, for each of
    hundreds of halls. That migrations lead to the same tables has tests of its own, which call them by themselves.
    """
    made = tmp_path_factory.mktemp("migrated") / "hall.db"
    store.open_timeline(f"sqlite:///{made}").close()

    def upgrade(engine: Engine) -> None:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and file != ":memory:" and not Path(file).exists():
            shutil.copyfile(made, file)
        else:
            migrate.upgrade(engine)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "upgrade", upgrade)
        yield
