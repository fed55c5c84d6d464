"""Codes of new cases and orders, numbered without gaps or doubles within their day."""

from sqlalchemy import select

from command_center.prewarning.numbers import next_number
from command_center.registry.clocks import LOCAL
from command_center.registry.codes import case_code, order_code, query_code
from command_center.response.tables import CaseRow
from command_center.timeline import Transaction


def new_case_code(tx: Transaction, *, area: str) -> str:
    """一案一码 for a case in an area of at least town size."""
    town, day = area[:9], tx.now.astimezone(LOCAL).date()
    return case_code(town, day, next_number(tx, f"case:{town}{day:%Y%m%d}"))


def new_query_code(tx: Transaction) -> str:
    """公示查询码 that no case has yet."""
    while True:
        code = query_code()
        if tx.session.scalar(select(CaseRow.id).where(CaseRow.query_code == code)) is None:
            return code


def new_order_code(tx: Transaction) -> str:
    """指令单 code."""
    day = tx.now.astimezone(LOCAL).date()
    return order_code(day, next_number(tx, f"order:{day:%Y%m%d}"))
