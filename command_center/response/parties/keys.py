"""The keys that names are locked with: where they are kept, and sealing, opening and recognising with them.

A key file has one key a line, `number day base64`; the highest number locks, every number opens.
"""

import base64
import binascii
import contextlib
import fcntl
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from command_center.errors import Unavailable, YipingError
from command_center.settings import Settings

KEY_BYTES = 32
NONCE_BYTES = 12
HEADER = (
    "# 一屏 当事人密钥：没有它，当事人的姓名、电话、证件号就再也读不出来。请单独备份，不要和数据库放在一起。\n"
    "# Yiping: without these keys names, phones and identity numbers are lost. Back them up, apart from the database.\n"
)


class BadKeys(YipingError):
    """The setting or the file of keys cannot be read as keys."""

    status = 503


@dataclass(frozen=True, slots=True)
class Key:
    """One key under its number: for sealing, and another derived from it for recognising."""

    number: int
    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Eight hex digits by which two copies can be compared aloud."""
        return self._derive(b"yiping names fingerprint").hex()[:8]

    def seal(self, plain: str, *, bound_to: str) -> str:
        """AES-256-GCM with a random nonce; opens only where it belongs.

        Args:
            plain: what is sealed; the empty text stays empty, for there is nothing to hide.
            bound_to: the row and the column, part of what is authenticated.
        """
        if not plain:
            return ""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher().encrypt(nonce, plain.encode(), self._bound(bound_to))
        return f"{self.number}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, bound_to: str) -> str:
        """What was sealed.

        Raises:
            Unavailable: it was sealed under another key of this number, for another place, or was changed since.
        """
        try:
            body = base64.urlsafe_b64decode(sealed.partition(".")[2])
            nonce, locked = body[:NONCE_BYTES], body[NONCE_BYTES:]
            return self._cipher().decrypt(nonce, locked, self._bound(bound_to)).decode()
        except (InvalidTag, ValueError) as error:
            raise Unavailable("party_sealed_otherwise", number=self.number) from error

    def index(self, kind: str, plain: str) -> str:
        """The same for the same value, and nothing that can be turned back or tried out without the key."""
        return hmac.new(self._derive(b"yiping names index"), f"{kind}\n{plain}".encode(), hashlib.sha256).hexdigest()

    def _bound(self, bound_to: str) -> bytes:
        return f"response_party {bound_to} {self.number}".encode()

    def _cipher(self) -> AESGCM:
        return AESGCM(self._derive(b"yiping names seal"))

    def _derive(self, what: bytes) -> bytes:
        return _derived(self.secret, what)


@lru_cache(maxsize=64)
def _derived(secret: bytes, what: bytes) -> bytes:
    # Kept, because it is the slowest part of locking a name, and a key is in memory anyway.
    return HKDF(SHA256(), KEY_BYTES, None, what).derive(secret)


class Keyring:
    """All keys of an installation. Safe from any thread; a file that changed is read anew at the next use.

    Args:
        path: the key file; not looked at where keys are given.
        given: keys from the setting.
    """

    def __init__(self, path: Path, given: Mapping[int, Key] | None = None) -> None:
        self.path = path
        self._given = dict(given) if given else None
        self._read_at: tuple[int, int, int] | None = None
        self._read: dict[int, Key] = {}
        self._lock = threading.Lock()

    @property
    def is_file(self) -> bool:
        return self._given is None

    @property
    def keys(self) -> Mapping[int, Key]:
        """By number; empty where there is no file.

        Raises:
            BadKeys: the file cannot be read as keys.
        """
        if self._given is not None:
            return self._given
        with self._lock:
            try:
                now = self.path.stat()
            except FileNotFoundError:
                self._read_at, self._read = None, {}
                return {}
            found = (now.st_ino, now.st_mtime_ns, now.st_size)
            if found != self._read_at:
                self._read = parse_file(self.path)
                self._read_at = found
            return self._read

    @property
    def current(self) -> Key:
        """The key that locks.

        Raises:
            Unavailable: there is none.
        """
        keys = self.keys
        if not keys:
            raise Unavailable("party_key_missing", number="-")
        return keys[max(keys)]

    def seal(self, plain: str, *, bound_to: str) -> str:
        return self.current.seal(plain, bound_to=bound_to)

    def open(self, sealed: str, *, bound_to: str) -> str:
        """What was sealed, whichever key it was.

        Raises:
            Unavailable: the key is not here, or is another one.
        """
        if not sealed:
            return ""
        number = sealed.partition(".")[0]
        key = self.keys.get(int(number)) if number.isdecimal() else None
        if key is None:
            raise Unavailable("party_key_missing", number=number)
        return key.open(sealed, bound_to=bound_to)

    def indexes(self, kind: str, plain: str) -> list[str]:
        """What a row may be found by, under any of the keys: some rows may still wait for the newest."""
        return [key.index(kind, plain) for key in self.keys.values()]

    def add_key(self, at: datetime, *, first: bool = False) -> Key:
        """Put a new key into the file, on disk before this returns; from now on it locks.

        Args:
            at: the day that is written beside it.
            first: only where there is none yet; another process may have been faster.

        Raises:
            BadKeys: the keys come from the setting, which only the operator changes.
        """
        if not self.is_file:
            raise BadKeys("party_keys_in_setting", number=max(self.keys) + 1)
        with _alone(self.path.parent):
            keys = parse_file(self.path) if self.path.exists() else {}
            if first and keys:
                return keys[max(keys)]
            key = Key(max(keys, default=0) + 1, secrets.token_bytes(KEY_BYTES))
            lines = self.path.read_text("utf-8") if keys else HEADER
            _write(self.path, f"{lines}{key.number} {at:%Y-%m-%d} {base64.b64encode(key.secret).decode()}\n")
        return key


def open_keyring(settings: Settings) -> Keyring:
    """The keys of an installation, from its setting or its file. Makes nothing.

    Raises:
        BadKeys: the setting cannot be read as keys.
    """
    path = settings.names_key_file or settings.data_dir / "names.key"
    given = settings.names_key.get_secret_value().strip()
    return Keyring(path, _parse_setting(given) if given else None)


def parse_file(path: Path) -> dict[int, Key]:
    """The keys of a file.

    Raises:
        BadKeys: a line is none, or a number comes twice.
    """
    keys: dict[int, Key] = {}
    for line in path.read_text("utf-8").splitlines():
        parts = line.split()
        if parts and not parts[0].startswith("#"):
            _take(keys, parts[0], parts[-1] if len(parts) == 3 else "", str(path))
    return keys


def _parse_setting(text: str) -> dict[int, Key]:
    keys: dict[int, Key] = {}
    for item in text.split(","):
        number, _, secret = item.strip().partition(":")
        _take(keys, number, secret, "YIPING_NAMES_KEY")
    return keys


def _take(keys: dict[int, Key], number: str, secret: str, where: str) -> None:
    try:
        key = Key(int(number), base64.b64decode(secret, validate=True))
    except (ValueError, binascii.Error):
        raise BadKeys("party_keys_bad", where=where) from None
    if len(key.secret) != KEY_BYTES or key.number in keys or key.number < 1:
        raise BadKeys("party_keys_bad", where=where)
    keys[key.number] = key


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time changes the file: two that each add a key would lose one of them, and all it locked."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody but the owner."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
