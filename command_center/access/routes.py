"""HTTP for signing in and out, and for the administrator's users and devices."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from command_center.access import commands, queries, roles
from command_center.access.facts import AuditView, DeviceView, Me, UserView, device_view, me_view, user_view
from command_center.access.guard import COOKIE, SignedIn, Who, check_origin, require
from command_center.access.sessions import Sessions, get_sessions
from command_center.access.signing import sign_in, sign_out
from command_center.errors import BadInput, NotSignedIn
from command_center.timeline.door import TimelineDep

router = APIRouter(prefix="/api/v1", tags=["access"])

SessionsDep = Annotated[Sessions, Depends(get_sessions)]
UserManager = Annotated[Who, Depends(require("user.manage"))]
DeviceManager = Annotated[Who, Depends(require("device.manage"))]
AuditReader = Annotated[Who, Depends(require("audit.see"))]

A_YEAR_S = 365 * 86_400


class Credentials(BaseModel):
    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1_000)]


class NewUser(BaseModel):
    name: Annotated[str, Field(max_length=64)]
    display_name: Annotated[str, Field(max_length=64)]
    role: str
    area: str
    password: Annotated[str, Field(max_length=1_000)]
    person_id: Annotated[str | None, Field(max_length=64)] = None
    unit_id: Annotated[str | None, Field(max_length=16)] = None


class NewPassword(BaseModel):
    password: Annotated[str, Field(max_length=1_000)]


class NewDevice(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    area: str
    person_id: Annotated[str | None, Field(max_length=64)] = None
    kind: str = "http"
    external_id: Annotated[str | None, Field(max_length=64)] = None
    datum: str = "wgs84"
    secret_required: bool = False


@router.post("/session")
def post_session(
    body: Credentials, request: Request, response: Response, timeline: TimelineDep, sessions: SessionsDep
) -> Me:
    """Sign in; the answer sets the cookie."""
    check_origin(request)
    opened = sign_in(timeline, request.app.state.settings, name=body.name, password=body.password)
    response.set_cookie(
        COOKIE,
        opened.token,
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.cookie_secure,
        # A wall comes back by itself after its machine restarts; everybody else's cookie ends with the browser.
        max_age=A_YEAR_S if opened.who.role == roles.WALL_DISPLAY else None,
    )
    return _me(request, sessions, opened.who)


@router.get("/session")
def get_session(who: SignedIn, request: Request, sessions: SessionsDep) -> Me:
    return _me(request, sessions, who)


@router.delete("/session", status_code=204)
def delete_session(who: SignedIn, response: Response, timeline: TimelineDep, sessions: SessionsDep) -> None:
    sign_out(timeline, sessions, who)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@router.get("/users")
def get_users(who: UserManager, timeline: TimelineDep) -> list[UserView]:
    with timeline.reading() as db:
        return queries.users(db, who, now=timeline.now())


@router.post("/users", status_code=201)
def post_user(body: NewUser, who: UserManager, timeline: TimelineDep) -> UserView:
    _own_area(who, body.area)
    with timeline.transaction() as tx:
        return user_view(commands.add_user(tx, **body.model_dump(), by=who))


@router.post("/users/{id}/deactivate")
def post_deactivate_user(id: str, who: UserManager, timeline: TimelineDep, sessions: SessionsDep) -> UserView:
    with timeline.transaction() as tx:
        view = user_view(commands.deactivate_user(tx, id=id, by=who))
    sessions.forget()
    return view


@router.post("/users/{id}/password")
def post_password(
    id: str, body: NewPassword, who: UserManager, timeline: TimelineDep, sessions: SessionsDep
) -> UserView:
    with timeline.transaction() as tx:
        view = user_view(commands.reset_password(tx, id=id, password=body.password, by=who))
    sessions.forget()
    return view


@router.post("/devices", status_code=201)
def post_device(body: NewDevice, who: DeviceManager, timeline: TimelineDep) -> dict[str, Any]:
    """Register a device; the token in the answer is shown this once."""
    _own_area(who, body.area)
    with timeline.transaction() as tx:
        row, token = commands.register_device(tx, **body.model_dump(), by=who)
        return {"device": device_view(row), "token": token}


@router.post("/devices/{id}/deactivate")
def post_deactivate_device(id: str, who: DeviceManager, timeline: TimelineDep, sessions: SessionsDep) -> DeviceView:
    with timeline.transaction() as tx:
        view = device_view(commands.deactivate_device(tx, id=id, by=who))
    sessions.forget()
    return view


@router.get("/audit")
def get_audit(
    who: AuditReader,
    timeline: TimelineDep,
    object_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> list[AuditView]:
    with timeline.reading() as db:
        return queries.audit_lines(db, object_id=object_id, limit=limit)


def _me(request: Request, sessions: Sessions, who: Who) -> Me:
    session = sessions.load(who.session_hash) if who.session_hash else None
    if session is None:
        raise NotSignedIn("not_signed_in")
    return me_view(session, verbs=roles.verbs_of(who.role), demo=getattr(request.app.state, "demo", False))


def _own_area(who: Who, area: str) -> None:
    """A manager makes users and devices of his own area only."""
    commands.check_area(area)
    if not who.sees(area):
        raise BadInput("area_not_yours", area=area)
