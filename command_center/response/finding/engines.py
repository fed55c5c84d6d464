"""How each engine finds words: SQLite by FTS5, PostgreSQL by tsvector. Both are given words, and cut no text."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, select, table, text
from sqlalchemy.orm import Session

from command_center.response.finding.tables import FoundRow
from command_center.response.finding.words import Term

_fts = table("response_found_words", column("rowid"))


def numbers(session: Session, terms: Sequence[Term]) -> tuple[Select[Any], ColumnElement[int]]:
    """The numbers of the cases that have all of some words, at least one, and the column of the numbers."""
    if session.get_bind().dialect.name == "postgresql":
        wanted = text("vector_words @@ CAST(:terms AS tsquery)").bindparams(terms=_tsquery(terms))
        return select(FoundRow.number).where(wanted), FoundRow.number.expression
    wanted = text("response_found_words MATCH :terms").bindparams(terms=_match(terms))
    number: ColumnElement[int] = _fts.c.rowid
    return select(number).select_from(_fts).where(wanted), number


def _match(terms: Sequence[Term]) -> str:
    return " AND ".join(f'"{one.word}"{" *" if one.begins else ""}' for one in terms)


def _tsquery(terms: Sequence[Term]) -> str:
    # Words are of letters and digits, signs of ASCII ones with : and _, so that nothing needs to be escaped.
    return " & ".join(f"'{one.word}'{':*' if one.begins else ''}" for one in terms)
