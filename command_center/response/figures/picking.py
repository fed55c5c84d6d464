"""What both engines can, each under its own name: a value inside stored JSON, and seconds between two instants."""

from typing import Any

from sqlalchemy import Integer, String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _InJson:
    """Made from a column of `JsonText` and a path inside what it stores."""

    inherit_cache = True

    def __init__(self, column: Any, *path: str) -> None:
        super().__init__(column, literal_column(f"'{'.'.join(path)}'"))  # type: ignore[call-arg]


class picked(_InJson, FunctionElement[str]):
    """What lies at a path inside a column of `JsonText`; NULL where there is nothing, or null.

    A number is to be cast; of true and false only `is_true` knows how an engine writes them.
    """

    inherit_cache = True
    type = String()


class is_true(_InJson, FunctionElement[int]):
    """1 where the value at a path is true, 0 where it is anything else or missing."""

    inherit_cache = True
    type = Integer()


class seconds_between(FunctionElement[int]):
    """Whole seconds from one instant to another, NULL where one of them is missing."""

    inherit_cache = True
    type = Integer()


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> tuple[str, str]:
    column, path = element.clauses
    return compiler.process(column, **how), compiler.process(path, **how).strip("'")


@compiles(picked)
def _picked(element: picked, compiler: SQLCompiler, **how: Any) -> str:
    column, path = _parts(element, compiler, **how)
    return f"json_extract({column}, '$.{path}')"


@compiles(picked, "postgresql")
def _picked_postgres(element: picked, compiler: SQLCompiler, **how: Any) -> str:
    column, path = _parts(element, compiler, **how)
    return f"(CAST({column} AS jsonb) #>> '{{{path.replace('.', ',')}}}')"


@compiles(is_true)
def _is_true(element: is_true, compiler: SQLCompiler, **how: Any) -> str:
    column, path = _parts(element, compiler, **how)
    return f"coalesce(json_type({column}, '$.{path}') = 'true', 0)"


@compiles(is_true, "postgresql")
def _is_true_postgres(element: is_true, compiler: SQLCompiler, **how: Any) -> str:
    column, path = _parts(element, compiler, **how)
    return f"CAST(coalesce(CAST({column} AS jsonb) #>> '{{{path.replace('.', ',')}}}' = 'true', false) AS integer)"


@compiles(seconds_between)
def _seconds(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    start, end = (compiler.process(one, **how) for one in element.clauses)
    return f"CAST(round((julianday({end}) - julianday({start})) * 86400.0) AS INTEGER)"


@compiles(seconds_between, "postgresql")
def _seconds_postgres(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    start, end = (compiler.process(one, **how) for one in element.clauses)
    return f"CAST(round(extract(epoch FROM ({end} - {start}))) AS integer)"
