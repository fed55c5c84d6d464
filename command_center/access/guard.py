"""Lets a request or a websocket in: finds the caller, refuses forged requests, and asks for verbs.

In a route: `who: SignedIn` for anybody signed in, `who: Annotated[Who, Depends(require("alert.take"))]` for a verb.
"""

import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, WebSocket
from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from command_center.access import roles
from command_center.access.sessions import Device, SignedSession, Who, get_sessions, hash_token
from command_center.errors import Forbidden, NotFound, NotSignedIn

__all__ = ["COOKIE", "SignedIn", "Who", "alive", "in_area", "require", "signed_in", "who_of_websocket"]

COOKIE = "yiping_session"
CSRF_HEADER = "x-csrf-token"
ACT_FOR_HEADER = "x-act-for"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def signed_in(request: Request) -> Who:
    """The caller of a request, by session cookie or by bearer token.

    Raises:
        NotSignedIn: there is no valid session or token.
        Forbidden: a request that changes something came without the session's own CSRF token, or from another page.
    """
    bearer = _bearer(request)
    if bearer is not None:
        return _acting(request, await _device(request, bearer))
    session = await session_of(request)
    if session is None:
        raise NotSignedIn("not_signed_in")
    if request.method not in SAFE_METHODS:
        check_origin(request)
        sent = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(sent.encode(), session.csrf.encode()):
            raise Forbidden("csrf_refused")
    return session.who


SignedIn = Annotated[Who, Depends(signed_in)]


def require(*verbs: str) -> Callable[[Who], Coroutine[Any, Any, Who]]:
    """A dependency that gives the caller if the role may do at least one of `verbs`. No role implies another.

    Raises:
        ValueError: at import, if a verb is not in the table of roles.
        Forbidden: at the request, if the role may do none of them.
    """
    unknown = set(verbs) - roles.VERBS
    if unknown or not verbs:
        raise ValueError(f"no such verbs: {sorted(unknown)}; roles.py has {sorted(roles.VERBS)}")

    async def check(who: SignedIn) -> Who:
        if not any(who.may(verb) for verb in verbs):
            raise Forbidden("role_may_not")
        return who

    return check


def in_area(who: Who, area: str, *, key: str = "not_found", **params: Any) -> None:
    """Refuse what lies outside the caller's area as if it did not exist.

    Raises:
        NotFound: the area is not within the caller's.
    """
    if not who.sees(area):
        raise NotFound(key, **params)


async def who_of_websocket(websocket: WebSocket) -> Who:
    """The caller of a websocket, by bearer token or by session cookie from a page of this very site.

    One whose `own_only` is set may be told only facts that name his person among the parties.

    Raises:
        NotSignedIn: there is no valid session or token.
        Forbidden: the page that opens the socket is of another site, or the role may not listen.
    """
    bearer = _bearer(websocket)
    if bearer is not None:
        who = (await _device(websocket, bearer)).who
    else:
        check_origin(websocket, needed=True)
        session = await session_of(websocket)
        if session is None:
            raise NotSignedIn("not_signed_in")
        who = session.who
    if not who.may("stream.see") and not who.may("stream.see_own"):
        raise Forbidden("role_may_not")
    return who


async def alive(connection: HTTPConnection, who: Who) -> bool:
    """Whether a caller let in earlier would still be let in; does not count as use of the session.

    A long-lived websocket asks this now and then, so that signing out or going idle ends it.
    """
    if who.session_hash is None:
        bearer = _bearer(connection)
        return bearer is not None and await run_in_threadpool(get_sessions(connection).device, bearer) is not None
    sessions = get_sessions(connection)
    return await run_in_threadpool(sessions.load, who.session_hash, touch=False) is not None


async def session_of(connection: HTTPConnection) -> SignedSession | None:
    """The session behind the cookie, if there is one; this counts as use of it."""
    token = connection.cookies.get(COOKIE)
    if not token:
        return None
    sessions, token_hash = get_sessions(connection), hash_token(token)
    return sessions.peek(token_hash) or await run_in_threadpool(sessions.load, token_hash)


def check_origin(connection: HTTPConnection, *, needed: bool = False) -> None:
    """Refuse what a page of another site sends. The scheme is not compared: a proxy may end TLS before us.

    Raises:
        Forbidden: the Origin header names another host, or is missing though `needed`.
    """
    origin = connection.headers.get("origin")
    if origin is None and not needed:
        return
    if origin is None or urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower():
        raise Forbidden("foreign_origin")


def _bearer(connection: HTTPConnection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _device(connection: HTTPConnection, token: str) -> Device:
    device = await run_in_threadpool(get_sessions(connection).device, token)
    if device is None:
        raise NotSignedIn("not_signed_in")
    return device


def _acting(request: Request, device: Device) -> Who:
    """In a demonstration a fleet may act as one of its simulated persons, named in a header."""
    person_id = request.headers.get(ACT_FOR_HEADER)
    if person_id is None:
        return device.who
    if not getattr(request.app.state, "demo", False) or person_id not in device.acts_for:
        raise Forbidden("may_not_act_for")
    return Who(
        id=device.who.id,
        name=device.who.name,
        display_name=device.who.display_name,
        role=roles.RESPONDER,
        area=device.who.area,
        person_id=person_id,
    )
