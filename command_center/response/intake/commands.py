"""登记: take down what somebody brings, whole, with the case it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from command_center.access.guard import Who
from command_center.errors import BadInput, NotFound
from command_center.registry.commands import keep_setting
from command_center.registry.queries import setting
from command_center.response import profiles
from command_center.response.codes import new_case_code, new_query_code
from command_center.response.commands import begun
from command_center.response.engine.case import Case, Crowd
from command_center.response.engine.description import Profile
from command_center.response.engine.step import new_case
from command_center.response.engine.timers import begin
from command_center.response.facts import CaseView
from command_center.response.intake.channels import CHANNELS, DEFAULT_WAYS, WAYS, way_of
from command_center.response.tables import CaseRow
from command_center.response.telling import tell_case
from command_center.response.terms import Terms
from command_center.response.working import actor_of, calendar_of, save
from command_center.timeline import Fact, Transaction
from command_center.timeline.ids import new_id

# From so many people on it is a matter of a crowd: warned of in orange, and for a task force where the way says so.
MASS = 10
# A crowd that is expected later than that is not on its way.
AWAITED = timedelta(days=31)


def set_ways(tx: Transaction, ways: Mapping[str, str], *, who: Who) -> dict[str, str]:
    """Say under which way of working each door's matters are handled from now on; open cases keep theirs.

    Raises:
        BadInput: a door or a way of working is unknown, one cannot be begun at the counter, or "*" is missing.
    """
    unknown = [key for key in ways if key not in CHANNELS and key not in ("P0", "*")]
    if unknown or "*" not in ways:
        raise BadInput("channel_unknown", channel=unknown[0] if unknown else "*")
    for way in ways.values():
        try:
            profile = profiles.newest(tx.session, way)
        except NotFound as error:
            raise BadInput("way_not_for_counter", way=way) from error
        if profile.start != "SUBMITTED":
            raise BadInput("way_not_for_counter", way=way)
    keep_setting(tx.session, WAYS, dict(ways))
    center = who.area[:9]
    tx.emit(Fact("response.ways_set", center, {"ways": dict(ways)}, center, actor=who.json()))
    return dict(ways)


@dataclass(frozen=True, slots=True)
class Matter:
    """What was said at the counter.

    Attributes:
        channel: a code of `CHANNELS`.
        category: five digits of the catalogue.
        title: in a few words; the beginning of the text where there is none.
        place, lonlat, area: where; WGS84, longitude first; at least a town.
        contactable: whether somebody can be called back about it.
        level: 1 red to 4 blue.
        way: id of a profile, where the clerk knows better than the settings.
        crowd: people who gathered or are on the way, where there are any.
    """

    channel: str
    category: str
    text: str
    place: str
    lonlat: tuple[float, float]
    area: str
    title: str = ""
    contactable: bool = True
    level: int = 4
    way: str | None = None
    crowd: Crowd | None = None


def take_down(tx: Transaction, matter: Matter, *, who: Who, terms: Terms) -> CaseView:
    """Open a case that waits to be accepted, with its codes and its first clock.

    Raises:
        NotFound: no such category, or the place lies outside the caller's area.
        BadInput: no such channel, nothing was said, no such way of working, or a crowd at a time that cannot be.
    """
    channel = CHANNELS.get(matter.channel)
    if channel is None:
        raise BadInput("channel_unknown", channel=matter.channel)
    category = terms.category(matter.category)
    if category is None:
        raise NotFound("category_not_found", code=matter.category)
    if not who.sees(matter.area):
        raise NotFound("place_not_found")
    text = matter.text.strip()[:4000]
    if not text or not matter.place.strip():
        raise BadInput("engine_nothing_to_handle" if not text else "engine_place_needed")
    arrives_at = matter.crowd.arrives_at if matter.crowd else None
    if arrives_at is not None and not tx.now - AWAITED < arrives_at < tx.now + AWAITED:
        raise BadInput("crowd_time")
    ways = setting(tx.session, WAYS, DEFAULT_WAYS)
    profile = profiles.keep(tx, matter.way or way_of(matter.channel, category.priority, ways))
    if profile.start != "SUBMITTED":
        raise BadInput("way_not_for_counter", way=profile.id)
    row = CaseRow(
        id=new_id(),
        code=new_case_code(tx, area=matter.area),
        query_code=new_query_code(tx),
        state=profile.start,
        title=(matter.title.strip() or text)[:60],
        text=text,
        category=category.code,
        priority=category.priority,
        level=min(matter.level, 2) if _is_mass(matter) else matter.level,
        source=channel.code,
        area=matter.area,
        lon=matter.lonlat[0],
        lat=matter.lonlat[1],
        place=matter.place.strip()[:200],
        opened_at=tx.now,
        opened_by=who.json(),
        profile=profile.id,
        profile_version=profile.version,
        version=0,
    )
    tx.session.add(row)
    tx.session.flush()
    case = replace(
        begun(row, category),
        channel=channel.word,
        contactable=channel.contact and matter.contactable,
        first_owner=actor_of(who).id,
        crowd=matter.crowd,
        kind="群体性" if _is_mass(matter) else "",
    )
    save(tx, row, _awaited(tx, new_case(case, tx.now, calendar_of(tx.session), profile), profile))
    return tell_case(tx, "response.taken_down", row, who=who)


def _is_mass(matter: Matter) -> bool:
    return matter.crowd is not None and matter.crowd.people >= MASS


def _awaited(tx: Transaction, case: Case, profile: Profile) -> Case:
    """With the clock until those arrive who are on the way."""
    arrives_at = case.crowd.arrives_at if case.crowd else None
    if arrives_at is None or arrives_at <= tx.now:
        return case
    return begin(case, profile, "T-CROWD", tx.now, calendar_of(tx.session), dates={"arrives_at": arrives_at})
