"""Locking names: a value opens only in its place and with its key, and a new key takes over bit by bit."""

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from command_center.cli import app
from command_center.errors import Unavailable
from command_center.response.parties import commands, queries, rotation
from command_center.response.parties.keys import BadKeys, Key, Keyring, open_keyring
from command_center.response.parties.tables import PartyRow
from command_center.settings import Settings
from tests.response.hall import WANG, Clock, Hall
from tests.response.parties.people import LI, ZHANG

ONE, OTHER = Key(1, b"1" * 32), Key(1, b"2" * 32)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(f"sqlite:///{tmp_path}/yiping.db")
    yield made
    made.timeline.close()


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "names.key")


def fill(hall: Hall, keys: Keyring, count: int) -> str:
    case = hall.open_case()
    with hall.tx() as tx:
        for number in range(count):
            said = (ZHANG, LI)[number % 2]
            commands.add(tx, case_id=case["id"], who=WANG, keys=keys, role="party", said=said)
    return str(case["id"])


def phones(hall: Hall, keys: Keyring, case_id: str) -> list[str]:
    with hall.timeline.reading() as session:
        return [one["phone"] for one in queries.parties(session, case_id=case_id, who=WANG, keys=keys)]


@given(plain=st.text(min_size=1, max_size=300))
def test_what_is_sealed_opens_in_its_place_with_its_key_alone(plain: str) -> None:
    sealed = ONE.seal(plain, bound_to="row name")
    assert ONE.open(sealed, bound_to="row name") == plain
    assert sealed != ONE.seal(plain, bound_to="row name")
    body = bytearray(base64.urlsafe_b64decode(sealed.partition(".")[2]))
    body[-1] ^= 1
    changed = f"1.{base64.urlsafe_b64encode(bytes(body)).decode()}"
    for key, value, place in ((ONE, sealed, "row phone"), (OTHER, sealed, "row name"), (ONE, changed, "row name")):
        with pytest.raises(Unavailable):
            key.open(value, bound_to=place)


def test_the_first_start_makes_a_file_for_its_owner_alone(hall: Hall, keys: Keyring) -> None:
    assert rotation.make_first_key(hall.timeline, keys)
    first = keys.current
    assert stat.S_IMODE(os.stat(keys.path).st_mode) == 0o600
    assert rotation.make_first_key(hall.timeline, keys)
    assert (keys.current, list(keys.keys)) == (first, [1])
    assert Keyring(keys.path).current == first


def test_a_lost_key_is_told_and_never_replaced(hall: Hall, keys: Keyring) -> None:
    keys.add_key(hall.clock())
    case_id = fill(hall, keys, 1)
    kept = keys.path.read_bytes()
    keys.path.unlink()
    assert not rotation.make_first_key(hall.timeline, keys)
    assert rotation.missing_keys(hall.timeline, keys) == [1]
    for act in (lambda: phones(hall, keys, case_id), lambda: fill(hall, keys, 1)):
        with pytest.raises(Unavailable, match="party_key_missing"):
            act()
    keys.path.write_bytes(kept)
    assert phones(hall, keys, case_id) == ["138****5678"]


def test_keys_of_the_setting_are_used_and_no_file_is_made(tmp_path: Path) -> None:
    secret = base64.b64encode(b"x" * 32).decode()
    keys = open_keyring(Settings(data_dir=tmp_path, names_key=f"1:{secret}, 3:{secret}"))
    assert (keys.current.number, list(tmp_path.iterdir())) == (3, [])
    assert secret not in repr(Settings(names_key=f"1:{secret}"))
    with pytest.raises(BadKeys, match="party_keys_in_setting"):
        keys.add_key(Clock()())
    for bad in ("1", "1:abc", f"1:{secret},1:{secret}", f"x:{secret}"):
        with pytest.raises(BadKeys, match="party_keys_bad"):
            open_keyring(Settings(names_key=bad))


def test_a_rotation_that_was_cut_is_ended_by_the_next_and_loses_nobody(
    hall: Hall, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    keys.add_key(hall.clock())
    case_id = fill(hall, keys, 5)
    before, seal, sealed = phones(hall, keys, case_id), rotation.seal, []

    def cut(row: PartyRow, *rest: object) -> None:
        sealed.append(row.id)
        if len(sealed) == 4:
            raise KeyboardInterrupt
        seal(row, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "seal", cut)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(hall.timeline, keys)
    assert rotation.rows_by_key(hall.timeline) == {1: 3, 2: 2}
    assert phones(hall, keys, case_id) == before
    with hall.timeline.reading() as session:
        found = queries.caller(session, who=WANG, keys=keys, phone=ZHANG.phone)
    assert found["count"] == 1
    monkeypatch.setattr(rotation, "seal", seal)
    assert rotation.rotate(hall.timeline, keys) == (2, 3)
    assert rotation.rows_by_key(hall.timeline) == {2: 5}
    assert phones(hall, keys, case_id) == before
    assert rotation.rotate(hall.timeline, keys) == (3, 5)


def test_the_command_line_rotates_and_shows_no_key(hall: Hall, keys: Keyring, tmp_path: Path) -> None:
    keys.add_key(hall.clock())
    case_id = fill(hall, keys, 2)
    run = CliRunner().invoke
    assert run(app, ["keys", "rotate", "--data", str(tmp_path)]).exit_code == 0
    shown = run(app, ["keys", "show", "--data", str(tmp_path)]).output
    assert [line.split()[::2] for line in shown.splitlines()[1:]] == [["1", "0"], ["2", "2"]]
    assert not any(base64.b64encode(key.secret).decode() in shown for key in keys.keys.values())
    assert phones(hall, keys, case_id) == ["138****5678", "0518******32"]
