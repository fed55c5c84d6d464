"""Migrations lead to the tables in the code, on both engines, also when processes start together."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect

import command_center
from command_center.timeline.migrate import MIGRATIONS, differences, load_tables, upgrade, write_migration
from command_center.timeline.tables import Base


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database."""
    sqlite = request.param == "sqlite"
    engine = create_engine(f"sqlite:///{tmp_path}/hall.db" if sqlite else request.getfixturevalue("postgres_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations of our own: one that makes every table of the code from nothing."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (folder / "versions").mkdir()
    load_tables(command_center)
    write_migration(f"sqlite:///{tmp_path}/scratch.db", Base.metadata, "everything", folder=folder)
    return folder


def test_migrated_database_has_exactly_the_tables_of_the_code(engine: Engine) -> None:
    load_tables(command_center)
    upgrade(engine)
    assert differences(engine, Base.metadata) == []


def test_written_migration_leads_to_the_tables_of_the_code(engine: Engine, folder: Path) -> None:
    upgrade(engine, folder=folder)
    assert differences(engine, Base.metadata) == []
    upgrade(engine, folder=folder)


def test_nothing_is_written_when_nothing_has_changed(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="agree already"):
        write_migration(f"sqlite:///{tmp_path}/other.db", Base.metadata, "nothing", folder=folder)


def test_every_stage_that_has_tables_is_known() -> None:
    found = {name.split(".")[1] for name in load_tables(command_center)}
    root = Path(command_center.__path__[0])
    assert found == {path.relative_to(root).parts[0] for path in root.rglob("tables.py")}


UPGRADE = """
import sys; from pathlib import Path
from command_center.timeline.migrate import upgrade
from command_center.timeline.store import open_driver
upgrade(open_driver(sys.argv[1]).engine, folder=Path(sys.argv[2]))
"""


def test_processes_that_start_together_migrate_once(engine: Engine, folder: Path) -> None:
    command = [sys.executable, "-c", UPGRADE, engine.url.render_as_string(hide_password=False), str(folder)]
    starters = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [starter.communicate()[1] for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0], errors
    assert "timeline_fact" in inspect(engine).get_table_names()
