"""A PostgreSQL for tests: the one of YIPING_TEST_POSTGRES, else a private cluster from Debian's package."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from command_center.timeline.migrate import upgrade

BINARIES = Path("/usr/lib/postgresql/15/bin")


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def missing() -> str | None:
    """Why there can be no PostgreSQL here, None when there can."""
    if os.environ.get("YIPING_TEST_POSTGRES"):
        return None
    if not (BINARIES / "initdb").exists():
        return f"no PostgreSQL: neither YIPING_TEST_POSTGRES nor {BINARIES}"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "no PostgreSQL: running as root, and there is no user postgres"
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def private_cluster() -> Iterator[str]:
    """Start a cluster of our own in a temporary folder; yields its URL. It does not survive and need not sync."""
    folder = Path(tempfile.mkdtemp(prefix="yiping-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", _free_port()
    prefix = _as_postgres()
    quiet = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL}
    initdb = [BINARIES / "initdb", "-D", data, "-U", "yiping", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    try:
        subprocess.run([*prefix, *initdb], **quiet)  # type: ignore[call-overload]
        start = [BINARIES / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        subprocess.run([*prefix, *start], **quiet)  # type: ignore[call-overload]
        yield f"postgresql+psycopg://yiping@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*prefix, BINARIES / "pg_ctl", "-D", data, "-m", "immediate", "stop"], cwd=folder, check=False,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server for this test session; skips with the reason where there is none."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    given = os.environ.get("YIPING_TEST_POSTGRES")
    if given:
        yield given
        return
    with private_cluster() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database."""
    with _database(postgres_server, "template1") as url:
        yield url


@pytest.fixture(scope="session")
def _hall_template(postgres_server: str) -> Iterator[str]:
    with _database(postgres_server, "template1") as url:
        engine = create_engine(url)
        upgrade(engine)
        engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture
def hall_postgres_url(postgres_server: str, _hall_template: str) -> Iterator[str]:
    """URL of a database with the hall's tables, all empty."""
    with _database(postgres_server, _hall_template) as url:
        yield url


@contextlib.contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    """A database of its own, copied from a template."""
    name = f"yiping_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
