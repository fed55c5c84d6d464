"""What every operation may answer beside its result, written into the OpenAPI document in this one place.

It is read off what a route asks for: who must be signed in may be refused, what takes input may find it wrong. What
cannot be read off stands in `OF_THEIR_OWN`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.routing import BaseRoute

from command_center.access.guard import SAFE_METHODS, signed_in
from command_center.errors import (
    BadInput,
    Conflict,
    DiskFull,
    ErrorAnswer,
    Forbidden,
    InvalidAnswer,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unavailable,
    YipingError,
)
from command_center.patrol.plans.desk import get_desk
from command_center.registry.door import get_town
from command_center.response.parties.routes import get_keyring
from command_center.timeline.door import get_command

Json = dict[str, Any]
Refused = type[YipingError]

# What is called before a route, and may already refuse.
BEFORE: Mapping[Callable[..., Any], tuple[Refused, ...]] = {
    signed_in: (NotSignedIn, Forbidden),
    get_command: (DiskFull,),
    get_town: (Unavailable,),
    get_desk: (Unavailable,),
    get_keyring: (Unavailable,),
}
# By the name of the route: what no dependency and no parameter tells.
OF_THEIR_OWN: Mapping[str, tuple[Refused, ...]] = {
    "post_session": (NotSignedIn, Forbidden, TooMany),
    "post_positions": (TooLarge, Unavailable),
    "post_upload": (TooLarge, TooMany, DiskFull),
    "get_picture": (Unavailable,),
    "get_file": (NotFound,),
    "reveal": (TooMany,),
    "known_caller": (TooMany,),
}
ALL: tuple[Refused, ...] = (
    BadInput, NotSignedIn, Forbidden, NotFound, Conflict, TooLarge, TooMany, Unavailable, DiskFull,
)  # fmt: skip
INVALID = "Invalid"
SCHEMA, RESPONSE = "#/components/schemas/", "#/components/responses/"


def add_refusals(document: Json, routes: Sequence[BaseRoute]) -> None:
    """Write into an OpenAPI document what its operations may refuse, and how they say it.

    Raises:
        ValueError: `OF_THEIR_OWN` names a route that there is not, or a model bears the name of an answer.
    """
    unnamed = set(OF_THEIR_OWN)
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, APIRoute) or not context.include_in_schema:
            continue
        unnamed.discard(context.name or "")
        for method in context.methods or ():
            operation = document["paths"][context.path_format][method.lower()]
            _refuse(operation, _refusals(method, context.name, context.dependant, operation))
    if unnamed:
        raise ValueError(f"no such routes: {sorted(unnamed)}")
    components = document["components"]
    components["responses"] = {one.__name__: _response(one.status, _said(one), ErrorAnswer) for one in ALL}
    components["responses"][INVALID] = _response(422, "A field is missing or not what it must be.", InvalidAnswer)
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (ErrorAnswer, InvalidAnswer):
        schema = TypeAdapter(model).json_schema(ref_template=SCHEMA + "{model}")
        own = schema.pop("$defs", {}) | {model.__name__: schema}
        if own.keys() & schemas.keys():
            raise ValueError(f"there is already a model of that name: {sorted(own.keys() & schemas.keys())}")
        schemas |= own


def _refusals(method: str, name: str | None, dependant: Dependant, operation: Json) -> Iterator[Refused]:
    body = operation.get("requestBody", {}).get("content", {})
    for call in _calls(dependant):
        yield from BEFORE.get(call, ())
    if body or operation.get("parameters"):
        yield BadInput
        yield NotFound
    if method not in SAFE_METHODS and (body or dependant.path_params):
        yield Conflict
    if "multipart/form-data" in body:
        yield TooLarge
    yield from OF_THEIR_OWN.get(name or "", ())


def _refuse(operation: Json, refusals: Iterator[Refused]) -> None:
    responses: Json = operation["responses"]
    if "422" in responses:
        responses["422"] = {"$ref": RESPONSE + INVALID}
    for one in refusals:
        responses.setdefault(str(one.status), {"$ref": RESPONSE + one.__name__})
    operation["responses"] = dict(sorted(responses.items()))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Everything that is called before a route is."""
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)


def _response(status: int, description: str, model: type) -> Json:
    content = {"application/json": {"schema": {"$ref": SCHEMA + model.__name__}}}
    response: Json = {"description": description, "content": content}
    if status == TooMany.status:
        response["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
    return response


def _said(refused: Refused) -> str:
    return (refused.__doc__ or refused.__name__).strip()
