"""Bring a database to the tables this version needs, and write down how when the tables change."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, text

MIGRATIONS = Path(__file__).parent / "migrations"
# Any constant will do, as long as it is not the log's.
MIGRATION_LOCK = 0x59494D47
FULL_TEXT = re.compile(r"_words(_|$)")


def upgrade(engine: Engine, *, folder: Path = MIGRATIONS) -> None:
    """Apply every migration that is missing; a no-op on a database that is up to date.

    Processes that start together queue here: the first migrates, the others find nothing left to do.
    """
    with engine.connect().execution_options(yiping_begin="BEGIN IMMEDIATE") as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config = _config(connection, folder)
        wanted = set(ScriptDirectory.from_config(config).get_heads())
        if set(MigrationContext.configure(connection).get_current_heads()) != wanted:
            command.upgrade(config, "head")


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """What the database has and the tables in the code have not, or the other way round; empty when they agree."""
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"include_name": _is_ours}), metadata)
        return list(found)


def _is_ours(name: str | None, _kind: str, _parents: object) -> bool:
    """Not what an engine makes for a full-text index, which migrations make in its own words."""
    return name is None or FULL_TEXT.search(name) is None


def load_tables(package: ModuleType) -> list[str]:
    """Import `tables` of every stage and its rooms, so that its metadata is whole; return the modules' names."""
    rooms = sorted(
        path.parent.relative_to(folder).parts for folder in package.__path__ for path in Path(folder).rglob("tables.py")
    )
    names = [".".join((package.__name__, *room, "tables")) for room in rooms]
    for name in names:
        importlib.import_module(name)
    return names


def write_migration(url: str, metadata: MetaData, message: str, *, folder: Path = MIGRATIONS) -> Path:
    """Write the migration that leads from the newest one to the tables in the code, for both engines.

    Args:
        url: an empty or scratch database, which is migrated first and then compared.

    Raises:
        ValueError: there is nothing to migrate.
    """
    engine = create_engine(url)
    try:
        upgrade(engine, folder=folder)
        if not differences(engine, metadata):
            raise ValueError("the tables in the code and in the database agree already")
        with engine.begin() as connection:
            config = _config(connection, folder)
            config.attributes["metadata"] = metadata
            script = command.revision(config, message, autogenerate=True)
    finally:
        engine.dispose()
    if script is None or isinstance(script, list):
        raise ValueError("one migration was expected")
    path = Path(script.path)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", path], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix", "-q", path], check=True)
    return path


def _config(connection: Connection, folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config
