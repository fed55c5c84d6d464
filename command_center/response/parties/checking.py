"""Whether a phone or an identity number can be one, and how each is written the one way it is kept. Pure.

No error repeats what was typed: errors end up in logs.
"""

import re
import unicodedata
from datetime import date

from command_center.errors import BadInput

ID_NUMBER = re.compile(r"[1-8]\d{16}[\dX]")
# Mobile; landline with its area code; 400 and 800 numbers.
PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}|[48]00\d{7}")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
OF_AGE = 18


def phone_of(typed: str) -> str:
    """A phone number as digits alone; blanks, hyphens, brackets, full width and +86 are taken off.

    Raises:
        BadInput: it has not the shape of a mobile, of a landline with its area code, or of a 400 or 800 number.
    """
    digits = re.sub(r"[\s\-—–()（）]", "", unicodedata.normalize("NFKC", typed))
    digits = re.sub(r"^(\+|00)86", "", digits)
    if not PHONE.fullmatch(digits) or not digits.isascii():
        raise BadInput("party_phone_bad")
    return digits


def id_number_of(typed: str, today: date) -> str:
    """A citizen's identity number: 18 characters, the last an upper-case X at most.

    Raises:
        BadInput: wrong length, no such day of birth, or the check digit is another.

    Source: GB 11643-1999; the check digit is ISO 7064 MOD 11-2.
    """
    number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not ID_NUMBER.fullmatch(number) or not number.isascii():
        raise BadInput("party_id_shape")
    if check_digit(number) != number[17]:
        raise BadInput("party_id_check")
    born = born_on(number)
    if born is None or born > today or born.year < 1880:
        raise BadInput("party_id_birth")
    return number


def check_digit(number: str) -> str:
    """The 18th character that belongs to the first 17 digits."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11]


def born_on(number: str) -> date | None:
    """The day of birth that an identity number says; None if there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def is_minor(number: str, today: date) -> bool:
    """Whether somebody with this (valid) number is not yet 18."""
    born = born_on(number)
    return born is not None and (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < OF_AGE
