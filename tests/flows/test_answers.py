"""Whatever is asked of the hall, by whomever, it gives an answer that its OpenAPI document announces, and never a 5xx.

Every operation of the document is an own test. By hand with more: `YIPING_ANSWERS_EXAMPLES=200`, with other input:
`YIPING_ANSWERS_SEED=7`, both as variables before `pytest tests/flows/test_answers.py`.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from command_center.app import describe

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
            "coverage": {"enabled": EXAMPLES > 50, **UNLEARNT},
            "fuzzing": {**UNLEARNT, "error-feedback": {"enabled": False}},
        },
    }
)
api = schemathesis.openapi.from_dict(describe().openapi(), config=CONFIG)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DayHall]:
    with day_hall(tmp_path_factory.mktemp("answers"), url=os.environ.get("YIPING_ANSWERS_DATABASE", "")) as made:
        yield made


@api.parametrize()
def test_every_answer_is_one_that_was_announced(case: Any, day: DayHall) -> None:
    dice = random.Random(repr(case))
    refill(case, day, dice)
    seat = dice.choice(SEATS)
    answer = case.call_and_validate(base_url=day.url, session=day.seat(seat), checks=CHECKS, timeout=60)
    if answer.status_code in (204, 401) and case.path == "/api/v1/session":
        day.seats.pop(seat).close()
