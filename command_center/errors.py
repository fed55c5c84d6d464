"""What can go wrong, named for the fact, and said in the reader's language."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NotRequired

import orjson
from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from typing_extensions import TypedDict

LANGUAGES = ("zh", "en")
TEXTS: dict[str, dict[str, str]] = {
    language: orjson.loads((Path(__file__).parent / "messages" / f"{language}.json").read_bytes())
    for language in LANGUAGES
}


class ErrorAnswer(TypedDict):
    """How a request is refused. `error` names the kind, `code` the text, and `detail` is the text for the reader."""

    error: str
    detail: str
    code: str
    # All that is wrong with a description of a way of working, each at its place.
    problems: NotRequired[list[dict[str, str]]]


class WrongField(TypedDict):
    """A field by its path with dots, and what is wrong with it."""

    field: str
    problem: str


class InvalidAnswer(ErrorAnswer):
    """A request whose fields are missing or not what they must be."""

    fields: list[WrongField]


class YipingError(Exception):
    """An error that a caller can understand. `key` names its text in messages/, `params` fill it in."""

    status = 500

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(f"{key} {params}" if params else key)
        self.key = key
        self.params = params

    def text(self, language: str) -> str:
        return TEXTS[language][self.key].format(**self.params)

    def more(self, language: str) -> dict[str, Any]:
        """What the answer says beside the text."""
        return {}


class BadInput(YipingError):
    """The request is well-formed but says something impossible."""

    status = 400


class NotSignedIn(YipingError):
    """There is no valid session or token, or the sign-in was refused."""

    status = 401


class Forbidden(YipingError):
    """The caller's role may not do this, or the request does not come from the caller's own page."""

    status = 403


class NotFound(YipingError):
    """There is no such thing, or it lies outside the caller's area: the two are not told apart."""

    status = 404


class Conflict(YipingError):
    """The thing is in a state that does not allow this; the text says in which."""

    status = 409


class TooLarge(YipingError):
    """More was sent than is taken."""

    status = 413


class TooMany(YipingError):
    """Tried too often."""

    status = 429


class Unavailable(YipingError):
    """A part that is needed for this is not there right now."""

    status = 503


class DiskFull(YipingError):
    """Refused before data is at risk."""

    status = 507


# Kind and text of what is refused before any of our code has seen it.
UNREAD = {
    400: ("BadInput", "body_unreadable"),
    404: ("NotFound", "address_unknown"),
    405: ("MethodNotAllowed", "method_unknown"),
    413: ("TooLarge", "body_too_large"),
}


def language_of(accept_language: str | None) -> str:
    """`en` when the reader prefers English over Chinese, else `zh`."""
    for item in (accept_language or "").lower().replace(" ", "").split(","):
        for language in LANGUAGES:
            if item.startswith(language):
                return language
    return "zh"


def install(app: FastAPI) -> None:
    """Answer every known error in one shape."""
    app.add_exception_handler(YipingError, _answer)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_unread)
    # A value that no rule forbids and the database does not take, such as a text with the character NUL.
    app.add_exception_handler(DataError, as_bad_input("value_unstorable"))


def as_bad_input(key: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler that tells an error of elsewhere as what was wrong with the request."""

    async def answer(request: Request, _error: Exception) -> Response:
        return await _answer(request, BadInput(key))

    return answer


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, YipingError)
    language = language_of(request.headers.get("accept-language"))
    body = {"error": type(error).__name__, "detail": error.text(language), "code": error.key}
    body |= error.more(language)
    headers = {"Retry-After": str(error.params["wait_s"])} if "wait_s" in error.params else None
    return _json(body, error.status, headers)


async def _answer_unread(request: Request, error: Exception) -> Response:
    """What the server itself refuses: an address or a method that there is not, a body that cannot be read."""
    assert isinstance(error, HTTPException)
    if error.status_code not in UNREAD:
        return await http_exception_handler(request, error)
    kind, key = UNREAD[error.status_code]
    detail = TEXTS[language_of(request.headers.get("accept-language"))][key]
    return _json({"error": kind, "detail": detail, "code": key}, error.status_code, error.headers)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    language = language_of(request.headers.get("accept-language"))
    places = [".".join(str(part) for part in item["loc"] if part != "body") for item in error.errors()]
    body = {
        "error": "Invalid",
        "detail": TEXTS[language]["invalid_payload"].format(fields=", ".join(places)),
        "code": "invalid_payload",
        "fields": [
            {"field": place, "problem": item["msg"]} for place, item in zip(places, error.errors(), strict=True)
        ],
    }
    return _json(body, 422)


def _json(body: dict[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    try:
        content = orjson.dumps(body)
    except TypeError:
        # Half a surrogate pair, from a request whose JSON spells it out: UTF-8 has no such character.
        content = json.dumps(body, ensure_ascii=True).encode()
    return Response(content, status, headers, media_type="application/json")
