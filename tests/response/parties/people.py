"""People of these tests, with numbers that nobody has: their order numbers are within 999, of days long past."""

from command_center.response.parties.checking import check_digit
from command_center.response.parties.facts import Plain


def id_number(area: str = "320724", born: str = "19550307", order: str = "999") -> str:
    """A valid identity number."""
    first = f"{area}{born}{order}"
    return first + check_digit(first)


ZHANG = Plain("张三丰", "13812345678", id_number(), "示范镇一村幸福路 7 号 3 单元 501", "夜里打 13987654321")
LI = Plain("欧阳小李", "0518-88765432", id_number(born="19610904", order="998"), "示范镇二村 12 号", "")
