"""脱敏: what is left of a name, a number or an address for somebody without need. Pure, and the same everywhere.

`mask_text` does it inside free texts, where people write numbers that belong among the parties of the case.
"""

import re

STAR = "*"
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 轩辕 夏侯 长孙 宇文 端木 "
    "百里 南宫 西门 独孤 呼延 澹台 申屠 太史 闻人".split()
)
STEMS = "甲乙丙丁戊己庚辛壬癸"
# An address is shown down to its village, community, town or street office, never to the door.
TO_VILLAGE = re.compile(r".*?(?:村|社区|居委会)|.*(?:镇|乡|街道|区|县|市)")

_GAP = r"[ \u00a0\u3000\-—–.·]?"
_ID_TEXT = re.compile(rf"(?<!\d)([1-8]\d{{5}}){_GAP}([12]\d{{3}}[01]\d[0-3]\d){_GAP}(\d{{3}}[\dXxＸｘ])(?!\d)")
_MOBILE_TEXT = re.compile(rf"(?<!\d)(1[3-9]\d){_GAP}(\d{{4}}){_GAP}(\d{{4}})(?!\d)")
_COUNTRY_TEXT = re.compile(rf"(?<=86)(1[3-9]\d){_GAP}(\d{{4}}){_GAP}(\d{{4}})(?!\d)")
_LANDLINE_TEXT = re.compile(rf"(?<!\d)([(（]?0\d{{2,3}}[)）]?){_GAP}(\d{{3,4}}){_GAP}(\d{{4}})(?!\d)")
# Each of these has so many digits in a row; most texts have not, and are not looked through.
_DIGITS = re.compile(r"\d{3}")
# What else is as long as a phone, an old identity number or a bank card; device codes have 20 digits.
_LONG_TEXT = re.compile(r"(?<![\dA-Za-z])(\d{3})(\d{4,12})(\d{4})(?!\d)")


def mask_name(name: str) -> str:
    """张三丰 → 张*, 欧阳修 → 欧阳*; the number of stars does not tell how long the name is."""
    name = name.strip()
    if not name:
        return ""
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]
    return surname + STAR


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; a landline keeps its area code and the last two."""
    if len(phone) == 11 and phone[0] == "1":
        return f"{phone[:3]}****{phone[-4:]}"
    return f"{phone[:-8]}******{phone[-2:]}" if len(phone) > 8 else STAR * len(phone)


def mask_id_number(number: str) -> str:
    """320724********1234: county and the last four, without the day of birth."""
    return f"{number[:6]}********{number[-4:]}" if len(number) == 18 else STAR * len(number)


def mask_id_number_in_public(number: str) -> str:
    """3****************4, for what everybody who follows the hall is told."""
    return f"{number[:1]}{STAR * (len(number) - 2)}{number[-1:]}" if len(number) > 2 else STAR * len(number)


def mask_address(address: str) -> str:
    """Down to the village; nothing at all where no village, town or district is named."""
    found = TO_VILLAGE.match(address)
    return f"{found.group() if found and found.group() != address else ''}***" if address else ""


def sheltered_name(place: int) -> str:
    """当事人甲: how a minor, a victim or a whistle-blower is called, by his place among those of the case."""
    return f"当事人{STEMS[place]}" if place < len(STEMS) else f"当事人{place + 1}"


def mask_text(text: str) -> str:
    """Free text with the phone and identity numbers in it masked; everything else stays as it is."""
    if not _DIGITS.search(text):
        return text
    text = _ID_TEXT.sub(lambda found: f"{found[1]}********{found[3]}", text)
    for pattern in (_MOBILE_TEXT, _COUNTRY_TEXT):
        text = pattern.sub(lambda found: f"{found[1]}****{found[3]}", text)
    text = _LANDLINE_TEXT.sub(lambda found: f"{found[1]}******{found[3][-2:]}", text)
    return _LONG_TEXT.sub(lambda found: f"{found[1]}{STAR * len(found[2])}{found[3]}", text)
