"""The verbs on a case: open it, send somebody, link a camera, resolve, call back, archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from command_center.access.guard import Who
from command_center.errors import BadInput, NotFound
from command_center.evidence import commands as evidence
from command_center.evidence.tables import ClipRow
from command_center.prewarning import commands as prewarning
from command_center.prewarning.facts import view_of as alert_view_of
from command_center.prewarning.rules import RULES
from command_center.prewarning.tables import AlertRow
from command_center.registry.queries import work_calendar
from command_center.response import profiles
from command_center.response.archive import facts_of_case, hash_of
from command_center.response.candidates import Reason
from command_center.response.codes import new_case_code, new_order_code, new_query_code
from command_center.response.engine.case import Case
from command_center.response.engine.step import new_case
from command_center.response.facts import CaseView, OrderView
from command_center.response.guards import Situation, pass_through
from command_center.response.machine import ORDER_MACHINE
from command_center.response.parties.masking import mask_text
from command_center.response.responders import check_free, follow, hold, release
from command_center.response.sight import sees
from command_center.response.tables import CaseRow, OrderRow, ResponderRow
from command_center.response.telling import tell_case, tell_order
from command_center.response.terms import CategoryLike, Terms
from command_center.response.working import actor_of, calendar_of, save, take, value_of
from command_center.timeline import Fact, Transaction
from command_center.timeline.facts import iso
from command_center.timeline.ids import new_id


@dataclass(frozen=True, slots=True)
class Advice:
    """What the ranking said about a person at the moment of sending."""

    eta_s: float | None = None
    distance_m: float | None = None
    reasons: Sequence[Reason] = field(default_factory=tuple)
    route_lonlat: Sequence[tuple[float, float]] = ()


def open_case(
    tx: Transaction,
    *,
    alert_id: str,
    who: Who,
    terms: Terms,
    category: str,
    title: str | None = None,
    level: int | None = None,
    note: str | None = None,
) -> CaseView:
    """属实: confirm an alert and open its case, both or neither.

    Raises:
        NotFound: there is no such alert in the caller's area, or no such category.
        BadInput: no such level.
        Conflict: the alert is not in the caller's hands, or closed.
    """
    found = terms.category(category)
    if found is None:
        raise NotFound("category_not_found", code=category)
    alert = prewarning.find_in_charge(tx, id=alert_id, who=who)
    profile = profiles.keep(tx, profiles.DEFAULT)
    case = CaseRow(
        id=new_id(),
        code=new_case_code(tx, area=alert.area),
        query_code=new_query_code(tx),
        state=profile.start,
        title=(title or "").strip()[:200] or f"{alert.place} {RULES.name_of(alert.kind)}",
        category=found.code,
        priority=found.priority,
        level=level if level is not None else alert.level,
        source="camera" if alert.camera_id else "patrol",
        area=alert.area,
        lon=alert.lon,
        lat=alert.lat,
        place=alert.place,
        alert_id=alert.id,
        opened_at=tx.now,
        opened_by=who.json(),
        profile=profile.id,
        profile_version=profile.version,
        version=0,
    )
    tx.session.add(case)
    tx.session.flush()
    save(tx, case, new_case(begun(case, found), tx.now, calendar_of(tx.session), profile))
    evidence.hang_clips(tx, alert_id=alert.id, case_id=case.id)
    if alert.camera_id:
        evidence.link_camera(
            tx, case_id=case.id, camera_id=alert.camera_id, role="source", why=RULES.name_of(alert.kind), who=None
        )
    prewarning.confirm(tx, alert, who=who, case_id=case.id, level=case.level, note=note)
    return tell_case(tx, "response.opened", case, who=who)


def dispatch(
    tx: Transaction,
    *,
    id: str,
    who: Who,
    terms: Terms,
    person_ids: Sequence[str],
    text: str = "",
    advice: Mapping[str, Advice] | None = None,
) -> list[OrderView]:
    """一键调度: send an order to each of these persons, to all or to none.

    Raises:
        NotFound: there is no such case or person in the caller's area.
        BadInput: nobody was named, or somebody twice.
        Conflict: the case is past it, or one of them has an open order or is off duty.
    """
    if not person_ids or len(set(person_ids)) != len(person_ids):
        raise BadInput("name_whom_to_send")
    case = find(tx, id=id, who=who)
    # In charge is whoever was sent first; where a unit is, persons are sent to its help.
    first = value_of(tx.session, case).lead is None
    named = {"lead": person_ids[0], "helpers": person_ids[1:]} if first else {"helpers": person_ids}
    take(tx, case, actor_of(who), "dispatch", **named)
    responders = hold(tx, person_ids)
    for person_id in person_ids:
        if not who.sees(responders[person_id].area):
            raise NotFound("person_not_found", id=person_id)
        check_free(tx, responders[person_id])
    due = terms.due(case.category, tx.now, work_calendar(tx.session))
    words = text.strip()[:1000] or mask_text(f"请前往{case.place},{case.title}")
    views = []
    for person_id in person_ids:
        order = _new_order(tx, case, responders[person_id], who, words, (advice or {}).get(person_id, Advice()))
        order.accept_by, order.arrive_by = due.receive, due.arrive
        tx.session.add(order)
        follow(responders[person_id], order)
        views.append(tell_order(tx, "response.dispatched", order, case, responders[person_id], who=who))
    return views


def link_camera(tx: Transaction, *, id: str, who: Who, camera_id: str, why: str) -> CaseView:
    """Link one more camera to a case, with the reason. The caller has checked that the camera exists.

    Raises:
        NotFound, BadInput, Conflict: no such case; no reason; linked already, or the case is archived.
    """
    case = find(tx, id=id, who=who)
    take(tx, case, actor_of(who), "link_camera")
    evidence.link_camera(tx, case_id=case.id, camera_id=camera_id, role="linked", why=why, who=who.json())
    return tell_case(tx, "evidence.camera_linked", case, who=who)


def resolve(tx: Transaction, *, id: str, who: Who, answer: str) -> CaseView:
    """办结: give the answer; orders that are still open become void and everybody is released.

    Raises:
        NotFound: there is no such case in the caller's area.
        BadInput: no answer.
        Forbidden: the caller handled the case.
        Conflict: nothing was kept that shows what was done, or the state does not allow it.
    """
    case = find(tx, id=id, who=who)
    take(tx, case, actor_of(who), "resolve", answer=answer.strip()[:2000])
    case.answer = answer.strip()[:2000]
    case.resolved_at = tx.now
    case.resolved_by = who.json()
    void_open_orders(tx, case, who)
    view = tell_case(tx, "response.resolved", case, who=who)
    release(tx, case)
    return view


def call_back(tx: Transaction, *, id: str, who: Who, rating: int, solved: bool, note: str = "") -> CaseView:
    """回访: store the rating, 1 to 5, and whether the matter is solved.

    Raises:
        NotFound, BadInput, Forbidden, Conflict: no such case; no such rating; the caller handled it; wrong state.
    """
    if rating not in range(1, 6):
        raise BadInput("rating_range")
    case = find(tx, id=id, who=who)
    take(tx, case, actor_of(who), "call_back", rating=rating, solved=solved)
    case.callback = {
        "rating": rating,
        "solved": solved,
        "note": note.strip()[:1000],
        "by": who.json(),
        "at": iso(tx.now),
    }
    return tell_case(tx, "response.called_back", case, who=who)


def archive(tx: Transaction, *, id: str, who: Who) -> CaseView:
    """归档: end the case; the hash is over all its facts up to here, and no verb changes it any more.

    Raises:
        NotFound, Conflict: no such case; the state does not allow it.
    """
    case = find(tx, id=id, who=who)
    take(tx, case, actor_of(who), "archive")
    case.archived_at = tx.now
    case.archived_by = who.json()
    case.archive_hash = hash_of(facts_of_case(tx.session, case))
    return tell_case(tx, "response.archived", case, who=who)


def attach_clip(tx: Transaction, clip: ClipRow) -> None:
    """Tell the alert, and the case it became, that their clip is there. An archived case stays as it is."""
    if clip.alert_id is None:
        return
    alert = tx.session.get(AlertRow, clip.alert_id, with_for_update=True, populate_existing=True)
    if alert is None:
        return
    case = None
    if alert.case_id is not None:
        case = tx.session.get(CaseRow, alert.case_id, with_for_update=True, populate_existing=True)
    alert.version += 1
    if case is None or case.state in profiles.ENDED:
        tx.session.flush()
        data = {"alert": alert_view_of(tx.session, alert)}
        tx.emit(Fact("evidence.clip_saved", alert.id, data, alert.area))
        return
    clip.case_id = case.id
    tx.session.flush()
    tell_case(tx, "evidence.clip_saved", case, who=None, more={"alert": alert_view_of(tx.session, alert)})


def find(tx: Transaction, *, id: str, who: Who) -> CaseRow:
    """The case, held until the end of the transaction.

    Raises:
        NotFound: there is none, or it lies outside the caller's area.
    """
    case = tx.session.get(CaseRow, id, with_for_update=True, populate_existing=True)
    if case is None or not sees(tx.session, who, case):
        raise NotFound("case_not_found", id=id)
    return case


def begun(row: CaseRow, category: CategoryLike) -> Case:
    """A new case as the engine has it, with what its row and its category say."""
    return Case(
        row.id,
        row.profile,
        row.profile_version,
        row.state,
        row.opened_at,
        category=row.category,
        priority=row.priority,
        colour=row.level,
        channel=row.source,
        place=row.place,
        text=row.text or row.title,
        terms={"accept": category.accept, "arrive": category.arrive, "resolve": category.resolve},
        numbered=True,
    )


def _new_order(
    tx: Transaction, case: CaseRow, responder: ResponderRow, who: Who, text: str, advice: Advice
) -> OrderRow:
    return OrderRow(
        id=new_id(),
        code=new_order_code(tx),
        case_id=case.id,
        area=case.area,
        person_id=responder.id,
        active_for=responder.id,
        call_sign=responder.call_sign,
        name=responder.name,
        force=responder.force,
        text=text,
        state=ORDER_MACHINE.start,
        sent_at=tx.now,
        sent_by=who.json(),
        eta_s=advice.eta_s,
        distance_m=advice.distance_m,
        reasons=[reason.json() for reason in advice.reasons],
        route=list(advice.route_lonlat),
        version=0,
    )


def void_open_orders(tx: Transaction, case: CaseRow, who: Who | None) -> None:
    """End all orders of a case that are still open, and let go whom they held."""
    query = select(OrderRow).where(OrderRow.case_id == case.id, OrderRow.active_for.is_not(None))
    orders = tx.session.scalars(query.order_by(OrderRow.sent_at, OrderRow.id)).all()
    responders = hold(tx, [order.person_id for order in orders])
    for order in orders:
        order.state = pass_through(ORDER_MACHINE, order.state, "void", Situation(), key="order_state").target
        order.active_for = None
        follow(responders[order.person_id], order)
        tell_order(tx, "response.order_voided", order, case, responders[order.person_id], who=who)
