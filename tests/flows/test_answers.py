"""Whatever is asked of the hall, by whomever, it gives an answer that its OpenAPI document announces, and never a 5xx.

Every operation of the document is an own test. By hand, with variables before `pytest tests/flows/test_answers.py`:
YIPING_ANSWERS_EXAMPLES=200 asks more often, YIPING_ANSWERS_SEED=7 asks otherwise, YIPING_ANSWERS_EDGES=1 asks for every
edge of every field as well, YIPING_ANSWERS_DATABASE=postgresql+psycopg://… (an empty one) asks a hall on PostgreSQL.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from command_center import answers
from command_center.app import describe
from command_center.errors import TooMany

from .answers_hall import SEATS, DayHall, day_hall
from .answers_input import refill

EXAMPLES = int(os.environ.get("YIPING_ANSWERS_EXAMPLES", "8"))
SEED = int(os.environ.get("YIPING_ANSWERS_SEED", "1"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What was answered before changes nothing of what is asked next: a run asks the same every time.
UNLEARNT = {"extra-data-sources": {"responses": False}}
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": SEED,
        "generation": {"max-examples": EXAMPLES, "deterministic": True},
        "phases": {
            # Every edge of every field, one by one: thousands of requests.
            "coverage": {"enabled": bool(os.environ.get("YIPING_ANSWERS_EDGES")), **UNLEARNT},
            "fuzzing": {**UNLEARNT, "error-feedback": {"enabled": False}},
        },
    }
)


def plain(schema: Any) -> Any:
    """The same schema with tuples of one kind as lists of that length: some `prefixItems` trip the tool."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    first, *others = schema.get("prefixItems") or [None]
    if first is not None and all(one == first for one in others) and schema.get("maxItems") == len(others) + 1:
        schema = {name: one for name, one in schema.items() if name != "prefixItems"} | {"items": first}
    return {name: plain(one) for name, one in schema.items()}


api = schemathesis.openapi.from_dict(plain(describe().openapi()), config=CONFIG)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DayHall]:
    with day_hall(tmp_path_factory.mktemp("answers"), url=os.environ.get("YIPING_ANSWERS_DATABASE", "")) as made:
        yield made


@api.parametrize()
def test_every_answer_is_one_that_was_announced(case: Any, day: DayHall) -> None:
    dice = random.Random(repr(case))
    refill(case, day, dice)
    # First anybody, or who was let in before; then the others in turn, until one may do it.
    seats = dice.sample(SEATS, len(SEATS))
    if day.let_in.get(case.operation.label) and dice.random() < 0.8:
        seats.insert(0, dice.choice(day.let_in[case.operation.label]))
    for seat in seats:
        answer = case.call_and_validate(base_url=day.url, session=day.seat(seat), checks=CHECKS, timeout=60)
        if answer.status_code == 204 and case.path == "/api/v1/session":
            day.seats.pop(seat).close()
        if answer.status_code not in (401, 403):
            day.let_in.setdefault(case.operation.label, []).append(seat)
            return


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/api/v1/nothing", None, 404, "address_unknown"),
        ("PUT", "/api/v1/center", None, 405, "method_unknown"),
        ("POST", "/api/v1/session", b'{"name": "\xff"}', 400, "body_unreadable"),
        ("POST", "/api/v1/session", b'{"name": "\\ud800", "password": "x"}', 422, "invalid_payload"),
    ],
)
def test_what_the_server_itself_refuses_is_said_like_everything_else(
    day: DayHall, method: str, path: str, content: bytes | None, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    answer = requests.request(method, day.url + path, data=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["error"] and answer.json()["detail"].isascii()


def test_a_table_of_refusals_that_names_no_route_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "OF_THEIR_OWN", {"post_sesion": (TooMany,)})
    with pytest.raises(ValueError, match="post_sesion"):
        describe().openapi()
