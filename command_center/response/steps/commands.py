"""The verbs of working on a case under any profile: take a step, decide on a request, take one back."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from command_center.access.guard import Who
from command_center.errors import BadInput, Conflict, NotFound
from command_center.evidence.tables import PhotoRow
from command_center.registry.queries import unit_rows
from command_center.response.archive import facts_of_case, hash_of
from command_center.response.commands import find, void_open_orders
from command_center.response.engine.case import THE_HALL, Actor, Effect, Timer
from command_center.response.facts import CaseView
from command_center.response.parties.commands import move_parties
from command_center.response.parties.keys import Keyring
from command_center.response.parties.masking import mask_text
from command_center.response.profiles import ENDED, profile_of
from command_center.response.responders import release
from command_center.response.sight import seen_by
from command_center.response.steps.forms import ELSEWHERE, FORMS_OF
from command_center.response.steps.storing import mirror
from command_center.response.tables import CaseRow
from command_center.response.telling import tell_case
from command_center.response.working import actor_of, take, value_of
from command_center.timeline import Transaction

# Digits of a town's code.
TOWN = 9
PUT_AWAY = "response.archived"
CITIZEN = {"id": "citizen", "name": "群众"}
# What a field travels as; a text where nothing else is said.
TYPES: Mapping[str, type] = {"many": list, "units": list, "photos": list, "flag": bool, "grade": int}
STEPPED = "response.stepped"


def take_step(
    tx: Transaction, *, id: str, who: Who, action: str, said: Mapping[str, Any], keys: Keyring, competent: bool = False
) -> CaseView:
    """Take a step, or put it before those who decide on it.

    Args:
        tx: the transaction.
        id: of the case.
        who: the caller; his seats and his unit decide.
        action: one of the machine.
        said: what came with it, by the names of `forms`.
        keys: of the people of cases, who go along when one is merged into another.
        competent: whether the matter is in the duty list of the caller's unit.

    Raises:
        NotFound: there is no such case for the caller, or no such case or photo to refer to.
        BadInput: no such action or unit, or what was said is not enough.
        Forbidden, Conflict: it is not the caller's to do; the state does not allow it.
    """
    if action not in FORMS_OF or action in ELSEWHERE:
        raise BadInput("engine_unknown_action", action=action)
    told = _told(action, said)
    row = find(tx, id=id, who=who)
    if "orders_drive" in profile_of(tx.session, row.profile, row.profile_version).features:
        raise Conflict("worked_by_orders")
    effects = take(tx, row, actor_of(who), action, **_for_engine(tx, row, who, action, told), competent=competent)
    view = _after(tx, row, who, action, told, effects)
    if row.state == "MERGED":
        target = next(effect.data["target"] for effect in effects if effect.kind == "absorb")
        move_parties(tx, from_case=row, to_case=_held(tx, target), who=who, keys=keys)
    return view


def decide(tx: Transaction, *, id: str, who: Who, approval: str, yes: bool, note: str = "") -> CaseView:
    """审批: agree to what somebody asked for, which then happens, or refuse it with a reason.

    Raises:
        NotFound, BadInput, Forbidden, Conflict: no such case or request; no reason; not the caller's to decide.
    """
    row = find(tx, id=id, who=who)
    said = {"approval": approval, "yes": yes, "note": note.strip()[:1000]}
    asked = next((one for one in value_of(tx.session, row).approvals if one.id == approval), None)
    effects = take(tx, row, actor_of(who), "decide", **said)
    return _after(tx, row, who, "decide", {**said, "action": asked.kind if asked else ""}, effects)


def rate(tx: Transaction, *, query_code: str, rating: int, solved: bool, note: str = "") -> CaseRow:
    """好差评 by whoever holds the query code, once, while the case waits for it.

    Raises:
        NotFound: there is no such case.
        BadInput, Conflict: no such grade; it is not asked for now.
    """
    row = tx.session.scalar(select(CaseRow).where(CaseRow.query_code == query_code).with_for_update())
    if row is None:
        raise NotFound("case_not_found", id=query_code)
    said = {"rating": rating, "solved": solved, "note": note.strip()[:1000]}
    effects = take(tx, row, Actor(f"citizen:{row.id}", frozenset({"citizen"})), "rate", **said)
    _after(tx, row, None, "rate", said, effects)
    return row


def take_back(tx: Transaction, *, id: str, who: Who, approval: str) -> CaseView:
    """撤回 one's own request.

    Raises:
        NotFound, Forbidden, Conflict: no such case; somebody else asked; it is decided.
    """
    row = find(tx, id=id, who=who)
    effects = take(tx, row, actor_of(who), "take_back", approval=approval)
    return _after(tx, row, who, "take_back", {"approval": approval}, effects)


def _told(action: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as far as the form asks for it.

    Raises:
        BadInput: something else than the field is for.
    """
    told = {}
    for field in FORMS_OF[action]:
        value = said.get(field.name)
        if value in (None, "", []):
            continue
        if not isinstance(value, TYPES.get(field.kind, str)) or (field.kind == "grade" and isinstance(value, bool)):
            raise BadInput("field_unreadable", field=field.name)
        told[field.name] = value
    return told


def _for_engine(tx: Transaction, row: CaseRow, who: Who, action: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said with names resolved: units are known, cases are found, photos counted."""
    given = dict(said)
    units = [given.get("lead"), given.get("proposed_unit"), *given.get("helpers", ()), *given.get("units", ())]
    unknown = {unit for unit in units if unit} - {row.id for row in unit_rows(tx.session)}
    if unknown:
        raise BadInput("units_unknown", units="、".join(sorted(map(str, unknown))))
    if "target" in given:
        target = _other_case(tx, str(given["target"]), who)
        given.update(target=target.id, target_state=target.state, target_closed_at=target.resolved_at)
    if "mediators" in given:
        given["mediators"] = [name for name in re.split(r"[、,，;；\s]+", given["mediators"]) if name]
    if action == "call_joint":
        given["units"] = _joint(tx, row)
    if "photos" in given:
        given["photos"] = len(_photos(tx, row, given["photos"]))
    return given


def _joint(tx: Transaction, row: CaseRow) -> list[str]:
    """The units with which the center mediates jointly, by the kinds that its way of working names."""
    kinds = profile_of(tx.session, row.profile, row.profile_version).center.get("joint", ())
    # A unit serves its whole town, wherever in it its house stands; one of the county serves all towns.
    there = [unit for unit in unit_rows(tx.session) if unit.kind in kinds and row.area.startswith(unit.area[:TOWN])]
    return [unit.id for unit in sorted(there, key=lambda unit: (kinds.index(unit.kind), unit.id))]


def _other_case(tx: Transaction, code: str, who: Who) -> CaseRow:
    named = or_(CaseRow.id == code, CaseRow.code == code.upper(), CaseRow.query_code == code.upper())
    found = tx.session.scalar(select(CaseRow).where(named, seen_by(who)))
    if found is None:
        raise NotFound("case_not_found", id=code)
    return found


def _photos(tx: Transaction, row: CaseRow, ids: Sequence[str]) -> Sequence[PhotoRow]:
    query = select(PhotoRow).where(PhotoRow.id.in_(list(ids)), PhotoRow.case_id == row.id)
    found = tx.session.scalars(query).all()
    if len(found) != len(set(ids)):
        raise NotFound("media_not_found")
    return found


def _after(
    tx: Transaction, row: CaseRow, who: Who | None, action: str, said: Mapping[str, Any], effects: Sequence[Effect]
) -> CaseView:
    """Let happen what follows outside the case, and tell everybody concerned."""
    value = value_of(tx.session, row)
    moved = next((effect.data for effect in effects if effect.kind == "moved"), None)
    mirror(row, value, who.json() if who else CITIZEN, tx.now, said)
    for effect in effects:
        if effect.kind == "void_orders":
            void_open_orders(tx, row, who)
        elif effect.kind == "absorb":
            _absorb(tx, effect.data)
    if row.state == "RESOLVED" or row.state in ENDED:
        release(tx, row)
    sealed = any(effect.kind == "seal" for effect in effects)
    if sealed:
        tx.session.flush()
        row.archive_hash = hash_of(facts_of_case(tx.session, row))
    step = {"action": action, "said": _masked(said), "from": moved and moved["from"], "to": row.state}
    return tell_case(tx, PUT_AWAY if sealed else STEPPED, row, who=who, more={"step": step})


def _masked(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as everybody may read it who follows the case."""
    return {name: mask_text(value) if isinstance(value, str) else value for name, value in said.items()}


def _held(tx: Transaction, id: str) -> CaseRow:
    row = tx.session.get(CaseRow, id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("case_not_found", id=id)
    return row


def _absorb(tx: Transaction, data: Mapping[str, Any]) -> None:
    """The other case takes in whom and what this one brings."""
    target = _held(tx, data["target"])
    said = {
        key: value for key, value in data.items() if key != "target" and (key != "timer" or isinstance(value, Timer))
    }
    take(tx, target, THE_HALL, "absorb", **said)
    tell_case(
        tx, STEPPED, target, who=None, more={"step": {"action": "absorb", "said": {}, "from": None, "to": target.state}}
    )
