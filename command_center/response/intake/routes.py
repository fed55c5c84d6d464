"""HTTP of the counter: what may fit the words so far, and a matter taken down."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field
from typing_extensions import TypedDict

from command_center.access.guard import Who, require
from command_center.registry.door import TownDep
from command_center.registry.queries import setting
from command_center.response.engine.case import Crowd
from command_center.response.facts import CaseView
from command_center.response.intake import commands, queries
from command_center.response.intake.channels import CHANNELS, DEFAULT_WAYS, WAYS
from command_center.response.parts import TermsDep
from command_center.response.profiles import offered
from command_center.timeline.door import CommandDep, TimelineDep

router = APIRouter(prefix="/intake")

Clerk = Annotated[Who, Depends(require("case.take_in"))]
Listens = Annotated[Who, Depends(require("case.take_in", "case.hand_over"))]
LooksAtDoors = Annotated[Who, Depends(require("case.take_in", "case.hand_over", "case.see", "profile.write"))]
SetsWays = Annotated[Who, Depends(require("case.head", "profile.write"))]
ShortWord = Annotated[str, Field(max_length=32)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]


class ChannelView(TypedDict):
    code: str
    word: str
    track: str
    contact: bool


class CounterView(TypedDict):
    """`ways`: profile by door, as the center set it; `names`: of the profiles that are offered now."""

    channels: list[ChannelView]
    ways: dict[str, str]
    names: dict[str, dict[str, str]]


class Words(BaseModel):
    text: Annotated[str, Field(max_length=4000)] = ""
    category: Annotated[str | None, Field(max_length=8)] = None
    lonlat: tuple[Lon, Lat] | None = None


class Ways(BaseModel):
    ways: Annotated[
        dict[Annotated[str, Field(max_length=12)], Annotated[str, Field(max_length=32)]], Field(max_length=20)
    ]


class NewCrowd(BaseModel):
    """People who gathered or are on the way."""

    people: Annotated[int, Field(ge=1, le=100_000)]
    origin: Annotated[str, Field(max_length=100)] = ""
    arrives_at: AwareDatetime | None = None


def crowd_of(body: NewCrowd | None) -> Crowd | None:
    return None if body is None else Crowd(body.people, body.origin.strip(), body.arrives_at)


class NewMatter(BaseModel):
    channel: Annotated[str, Field(max_length=12)]
    category: Annotated[str, Field(max_length=8)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    place: Annotated[str, Field(min_length=1, max_length=200)]
    lonlat: tuple[Lon, Lat]
    title: Annotated[str, Field(max_length=60)] = ""
    contactable: bool = True
    level: Annotated[int, Field(ge=1, le=4)] = 4
    way: Annotated[str | None, Field(max_length=32)] = None
    crowd: NewCrowd | None = None


@router.get("")
def get_counter(timeline: TimelineDep, who: LooksAtDoors) -> CounterView:
    """Doors by which matters come, and how the center works on each."""
    with timeline.reading() as session:
        ways = dict(setting(session, WAYS, DEFAULT_WAYS))
        names = {profile.id: dict(profile.names) for profile in offered(session)}
    channels: list[ChannelView] = [
        {"code": one.code, "word": one.word, "track": one.track, "contact": one.contact} for one in CHANNELS.values()
    ]
    return {"channels": channels, "ways": ways, "names": names}


@router.put("/ways")
def put_ways(body: Ways, command: CommandDep, who: SetsWays) -> dict[str, str]:
    ways: dict[str, str] = command.run(lambda tx: commands.set_ways(tx, body.ways, who=who))
    return ways


@router.post("/hints")
def post_hints(body: Words, timeline: TimelineDep, town: TownDep, who: Listens) -> queries.Hints:
    """Nothing is stored. A body and no query: what people say does not belong into logs of addresses."""
    with timeline.reading() as session:
        return queries.hints(
            session, town, who, text=body.text, category=body.category, lonlat=body.lonlat, now=timeline.now()
        )


@router.post("/cases", status_code=201)
def post_case(body: NewMatter, command: CommandDep, town: TownDep, terms: TermsDep, who: Clerk) -> CaseView:
    said = body.model_dump(exclude={"crowd"})
    matter = commands.Matter(**said, area=town.area_of(body.lonlat), crowd=crowd_of(body.crowd))
    case: CaseView = command.run(lambda tx: commands.take_down(tx, matter, who=who, terms=terms))
    return case
