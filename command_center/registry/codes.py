"""The codes the hall issues and reads: cases, orders, query codes, alerts, areas and devices."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from command_center.registry.clocks import LOCAL

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
AREA = re.compile(r"\d{6}(\d{3}(\d{3}(\d{3})?)?)?")
DEVICE = re.compile(r"\d{20}")
# industry that our alerts are filed under when they come from a town's own hall
ALERT_INDUSTRY = "000"


class BadCode(ValueError):
    """A code that cannot be one: wrong length, wrong check digit, or a number out of its range."""


@dataclass(frozen=True, slots=True)
class CaseCode:
    """一案一码, taken apart."""

    town: str
    day: date
    sequence: int


@dataclass(frozen=True, slots=True)
class AreaCode:
    """An area code, taken apart; what is not named is None."""

    county: str
    town: str | None
    village: str | None
    grid: str | None

    @property
    def is_special(self) -> bool:
        """Whether it is a 专属网格 (501–699)."""
        return self.grid is not None and 501 <= int(self.grid[-3:]) <= 699


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """GB/T 28181, 20 digits. `network` is meant by platforms of the 2022 edition only."""

    center: str
    industry: str
    kind: str
    network: str
    sequence: int


def mod_11_10(digits: str) -> int:
    """Check digit of ISO 7064 MOD 11,10.

    Raises:
        BadCode: something other than digits.
    """
    if not digits.isascii() or not digits.isdigit():
        raise BadCode(f"not digits: {digits!r}")
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10


def case_code(town: str, day: date, sequence: int) -> str:
    """`ZZ` + town 9 + yyyymmdd + sequence 4 + check digit: 24 characters.

    Raises:
        BadCode: the town code is not 9 digits or the sequence is not within 1–9999.
    """
    if not re.fullmatch(r"\d{9}", town) or not 1 <= sequence <= 9999:
        raise BadCode(f"no case code for town {town!r} and sequence {sequence}")
    body = f"{town}{day:%Y%m%d}{sequence:04d}"
    return f"ZZ{body}{mod_11_10(body)}"


def parse_case_code(code: str) -> CaseCode:
    """Take a case code apart.

    Raises:
        BadCode: wrong shape, wrong check digit, or no such day.
    """
    match = re.fullmatch(r"ZZ(\d{9})(\d{8})(\d{4})(\d)", code)
    if match is None:
        raise BadCode(f"not a case code: {code!r}")
    if mod_11_10("".join(match.groups()[:3])) != int(match[4]):
        raise BadCode(f"wrong check digit: {code}")
    return CaseCode(match[1], _day(match[2]), int(match[3]))


def query_code() -> str:
    """公示查询码: eight random characters of Crockford's base 32, from which nothing can be derived."""
    # 32 characters: five bits of a byte choose one, each as likely as the others.
    return "".join(CROCKFORD[byte & 31] for byte in secrets.token_bytes(8))


def read_query_code(text: str) -> str:
    """What a citizen typed, as the code it means: case, spaces, hyphens, I, L and O do not matter.

    Raises:
        BadCode: it cannot be one.
    """
    code = text.upper().replace("-", "").replace(" ", "").translate(str.maketrans("ILO", "110"))
    if len(code) != 8 or not set(code) <= set(CROCKFORD):
        raise BadCode(f"not a query code: {text!r}")
    return code


def order_code(day: date, sequence: int, kind: str = "ZL") -> str:
    """指令单 ZL20261122-003; the same shape serves 督办单 DB and 哨单 CS.

    Raises:
        BadCode: an unknown kind or a sequence below 1.
    """
    if kind not in ("ZL", "DB", "CS") or sequence < 1:
        raise BadCode(f"no {kind!r} code with sequence {sequence}")
    return f"{kind}{day:%Y%m%d}-{sequence:03d}"


def alert_code(county: str, at: datetime, sequence: int, *, industry: str = ALERT_INDUSTRY) -> str:
    """`ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N`, 31 characters, local time; N counts alerts within a second, 0–9.

    Raises:
        BadCode: a part does not fit.
    """
    if not re.fullmatch(r"\d{6}", county) or not re.fullmatch(r"\d{3}", industry) or not 0 <= sequence <= 9:
        raise BadCode(f"no alert code for {county!r}, {industry!r}, {sequence}")
    return f"{county}{industry}00000_{at.astimezone(LOCAL):%Y%m%d%H%M%S}_{sequence}"


def parse_area_code(code: str) -> AreaCode:
    """Take an area code of 6, 9, 12 or 15 digits apart.

    Raises:
        BadCode: it has another shape, or the grid number is not within 001–499 (基础) or 501–699 (专属).
    """
    if AREA.fullmatch(code) is None:
        raise BadCode(f"not an area code: {code!r}")
    cuts = [code[:length] if len(code) >= length else None for length in (9, 12, 15)]
    number = int(code[12:] or "1")
    if not (1 <= number <= 499 or 501 <= number <= 699):
        raise BadCode(f"no grid has the number {number:03d}")
    return AreaCode(code[:6], *cuts)


def parse_device_code(code: str) -> DeviceCode:
    """Take a GB/T 28181 device code apart.

    Raises:
        BadCode: not 20 digits (an 18-digit or legacy 16-digit code is refused as such).
    """
    if DEVICE.fullmatch(code) is None:
        raise BadCode(f"not a 20-digit GB/T 28181 code: {code!r}")
    return DeviceCode(code[:8], code[8:10], code[10:13], code[13], int(code[14:]))


def _day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as problem:
        raise BadCode(f"no such day: {text}") from problem
