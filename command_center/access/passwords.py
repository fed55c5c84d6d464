"""What a password must be, and how it is kept: argon2id, never in the clear."""

import functools
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from command_center.errors import BadInput

SHORTEST = 10
LONGEST = 256
CLASSES_NEEDED = 3

# Without a bound, the sign-ins of a shift change would take the machine's cores and memory all at once.
_turn = threading.BoundedSemaphore(2)
# Source: OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def fold_name(name: str) -> str:
    """The one spelling of a user name: NFKC, no blanks around, lower case."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def check_password(password: str, *, name: str) -> None:
    """Refuse a weak password.

    Raises:
        BadInput: shorter than 10 or longer than 256 characters, contains the user name, or has fewer than three of
            the classes upper case, lower case, digits, others.
    """
    if len(password) < SHORTEST:
        raise BadInput("password_short", n=SHORTEST)
    if len(password) > LONGEST:
        raise BadInput("password_long", n=LONGEST)
    if fold_name(name) in password.lower():
        raise BadInput("password_like_name")
    if len({_class_of(character) for character in password}) < CLASSES_NEEDED:
        raise BadInput("password_classes")


def _class_of(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else "other"


def hash_password(password: str) -> str:
    """The argon2id hash with its salt and costs, as one text."""
    with _turn:
        return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; costs the same when there is no such user (None)."""
    with _turn:
        try:
            return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


@functools.cache
def _nobody() -> str:
    return _hasher.hash("a password that no user has")
