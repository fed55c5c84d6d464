"""What can go wrong, named for the fact, and said in the reader's language."""

from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

LANGUAGES = ("zh", "en")
TEXTS: dict[str, dict[str, str]] = {
    language: orjson.loads((Path(__file__).parent / "messages" / f"{language}.json").read_bytes())
    for language in LANGUAGES
}


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
    status = 401


class Forbidden(YipingError):
    """The caller's role may not do this."""

    status = 403


class NotFound(YipingError):
    """There is no such thing, or it lies outside the caller's area: the two are not told apart."""

    status = 404


class Conflict(YipingError):
    """The thing is in a state that does not allow this; the text says in which."""

    status = 409


class TooLarge(YipingError):
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


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, YipingError)
    language = language_of(request.headers.get("accept-language"))
    body = {"error": type(error).__name__, "detail": error.text(language), "code": error.key}
    body |= error.more(language)
    headers = {"Retry-After": str(error.params["wait_s"])} if "wait_s" in error.params else None
    return _json(body, error.status, headers)


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


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
