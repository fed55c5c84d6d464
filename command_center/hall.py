"""Everything that runs in a hall, put together: who feeds whom, and in which order it starts and ends."""

import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio
import anyio.from_thread
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import State
from starlette.websockets import WebSocket

from command_center import grounding, importing
from command_center.access.guard import Who, alive, who_of_websocket
from command_center.errors import DiskFull, YipingError
from command_center.evidence.keeper import ClipKeeper
from command_center.evidence.media import MediaStore, open_media
from command_center.evidence.retention import ClipSweeper, Protected, Terms
from command_center.ingest.commands import forget_positions
from command_center.ingest.doors import Doors
from command_center.ingest.feeds import retention
from command_center.ingest.plausible import Bounds
from command_center.ingest.position import Position
from command_center.ingest.positions import PositionIntake
from command_center.ingest.reception import Reception
from command_center.ingest.senders import Senders
from command_center.patrol import queries as patrol_queries
from command_center.patrol.days.presence import TRACKS_KEPT, PresenceKeeper, forget_presence
from command_center.patrol.duties.keeper import DutyKeeper
from command_center.patrol.plans.desk import PlanDesk
from command_center.patrol.points.tables import PointRow
from command_center.patrol.video_patrol import queries as video_patrol_queries
from command_center.patrol.video_patrol.keeper import RoundKeeper
from command_center.prewarning import queries as prewarning_queries
from command_center.prewarning.commands import note_clip_gone, note_no_clip
from command_center.prewarning.locating import FaultLocator
from command_center.prewarning.raising import FOLLOWED_KINDS, AlertRaiser
from command_center.prewarning.rounds import Rounds
from command_center.registry.addresses import Addresses
from command_center.registry.basemap.ground import Basemap, open_basemap
from command_center.registry.closures import queries as closure_queries
from command_center.registry.closures.keeper import ClosureKeeper
from command_center.registry.closures.roads import OpenRoads
from command_center.registry.imports.links import Links
from command_center.registry.queries import missing_layers, town_digest, town_index
from command_center.registry.town_index import TownIndex
from command_center.response import queries as response_queries
from command_center.response.advice import Adviser
from command_center.response.arrival import ArrivalWatch, Fix
from command_center.response.case_keeper import CaseKeeper
from command_center.response.commands import attach_clip
from command_center.response.finding import index as found
from command_center.response.keeping import cameras_of_open_cases
from command_center.response.parties.keys import open_keyring
from command_center.response.parties.rotation import make_first_key, rows_by_key
from command_center.response.responders import muster
from command_center.response.rings import RingDesk
from command_center.settings import Settings
from command_center.timeline import Follower, Timeline, Transaction, open_timeline
from command_center.timeline.door import forget_answers
from command_center.wall.bell import open_bell
from command_center.wall.lane import Lane
from command_center.wall.viewer import Providers, Scope, Viewer
from command_center.wall.wall import Wall
from command_center.watching import Watching
from command_center.workers import Mailbox, Worker
from gis.addresses import Spot
from video.monitor import Monitor

DONE_KEPT = timedelta(days=7)


class NoTown(YipingError):
    """The database holds no town to look after."""

    status = 503


@dataclass(frozen=True, slots=True)
class Onlooker:
    """A signed-in caller as the wall sees him: one who may see only his own sees no area at all."""

    who: Who

    @property
    def area(self) -> str:
        return self.who.area

    @property
    def role(self) -> str:
        return self.who.role

    @property
    def person_id(self) -> str | None:
        return self.who.party

    def sees(self, area: str) -> bool:
        return not self.who.own_only and self.who.sees(area)


@dataclass(frozen=True, slots=True)
class Spots:
    """Where cameras, mandatory points and lines are, for alerts."""

    town: Callable[[], TownIndex]

    def camera(self, _tx: Transaction, camera_id: str) -> Any:
        return self.town().cameras.get(camera_id)

    def point(self, tx: Transaction, point_id: str) -> Any:
        return patrol_queries.spot(tx.session, point_id)

    def line(self, tx: Transaction, line_id: str) -> Any:
        return patrol_queries.line_spot(tx.session, line_id)

    def person(self, person_id: str, lonlat: tuple[float, float]) -> Any:
        """One of the forces where he is now: call sign, and the nearest place with a name."""
        return self.caller(person_id, "", lonlat) if person_id in self.town().persons else None

    def caller(self, person_id: str | None, device: str, lonlat: tuple[float, float] | None) -> Any:
        """Whoever calls for help; where nothing says where, at the person's post, else at the center."""
        town = self.town()
        person = town.persons.get(person_id or "")
        at = lonlat or (person.base if person else town.center.lonlat)
        place = town.place_near(at)
        name = f"{person.call_sign} {person.name}" if person else device
        return patrol_queries.PointSpot(name + (f"（{place.name}附近）" if place else ""), town.area_of(at), at)


class Hall:
    """All parts of one running hall.

    Args:
        settings: of this hall.
        report: how the hall is, told to every page each second.

    Raises:
        NoTown: the database holds no town yet.
    """

    def __init__(self, settings: Settings, *, report: "Callable[[Hall], Mapping[str, Any]]") -> None:
        self.settings = settings
        self.timeline: Timeline = open_timeline(settings.timeline_url)
        with self.timeline.reading() as session:
            missing = missing_layers(session)
            if missing:
                raise NoTown("town_not_loaded" if "center" in missing else "town_incomplete", missing=" ".join(missing))
            self.town: TownIndex = town_index(session)
        self.names = open_keyring(settings)
        make_first_key(self.timeline, self.names)
        self.names_locked = frozenset(rows_by_key(self.timeline))
        self._moving = threading.Lock()
        self._states: list[State] = []
        self.media: MediaStore = open_media(
            settings.media_url, directory=settings.media_dir, stop_mb=settings.disk_stop_mb
        )
        self.watching = Watching(
            self.timeline,
            settings,
            self.town,
            area_of_camera=self.area_of_camera,
            cameras_of_cases=cameras_of_open_cases,
        )
        self.intake = self._make_intake()
        self._make_reception()
        self.roads = OpenRoads(lambda: self.town)
        self.adviser = Adviser(self.town, self.intake, self.roads.now)
        self.rings = RingDesk(self.timeline, lambda: self.town, self.roads, self.intake)
        self.basemap: Basemap = open_basemap(settings, wake=lambda: self.grounder.wake())
        self.lane = Lane(area_of=self._area_of_unit)
        self.duties = DutyKeeper(self.timeline, settings, called_away=response_queries.called_away)
        self.intake.when_stored(self.duties.stored)
        self.reception.states.when_flagged(self.duties.changed)
        self.plans = PlanDesk(self.timeline, self.town)
        self.arrivals = ArrivalWatch(
            self.timeline, radius_m=settings.arrival_radius_m, dwell_s=settings.arrival_dwell_s
        )
        self.clips = ClipKeeper(
            self.timeline,
            self.media,
            self.watching.monitor,
            before_s=settings.clip_before_s,
            after_s=settings.clip_after_s,
            saved=attach_clip,
            failed=note_no_clip,
        )
        self._make_workers()
        self.wall = Wall(
            timeline=self.timeline,
            bell=open_bell(settings.bell_url),
            lane=self.lane,
            settings=settings,
            providers=Providers(
                who=_who,
                still_signed_in=_still_signed_in,
                snapshot=self._snapshot,
                health=lambda: report(self),
                area_of_camera=self.area_of_camera,
                may_look=_may_look,
            ),
        )
        self.watching.show_on(self.wall.mosaic)

    @property
    def monitor(self) -> Monitor | None:
        """Who watches the feeds; None in a hall without any."""
        return self.watching.monitor

    def area_of_camera(self, camera_id: str) -> str | None:
        camera = self.town.cameras.get(camera_id)
        return camera.area if camera else None

    def hang_on(self, app: FastAPI) -> None:
        """Give the routes what they reach for."""
        state = app.state
        self._states.append(state)
        state.timeline, state.settings, state.town, state.media = self.timeline, self.settings, self.town, self.media
        state.intake, state.monitor, state.wall, state.hall = self.intake, self.monitor, self.wall, self
        state.reception, state.osmand = self.reception, self.doors.osmand
        state.camera_feeds = frozenset(feed.id for feed in self.watching.feeds)
        state.check_room = self.check_room
        state.names = self.names
        state.plan_desk, state.adviser, state.basemap = self.plans, self.adviser, self.basemap
        state.roads, state.rings, state.case_codes = self.roads, self.rings, response_queries.codes_of
        state.addresses = Addresses(self._patrol_points)
        state.imports = Links(importing.in_use, importing.follow, self.follow_town, self.basemap.follow_import)

    def follow_town(self) -> bool:
        """Take the town up anew if it has changed: by an import here, in another process, or on the command line.

        Cameras keep the feeds and the groups they had at the start.
        """
        with self._moving:
            with self.timeline.reading() as session:
                if town_digest(session) == self.town.digest:
                    return False
                self.town = town_index(session)
            self.watching.move(self.town)
            self.intake.move(*self._persons_and_bounds())
            self.reception.move(self._persons_and_bounds()[0])
            self.senders.move(self._persons_and_bounds()[0], self._call_signs())
            self.plans.move(self.town)
            self.adviser = Adviser(self.town, self.intake, self.roads.now)
            for state in self._states:
                state.town, state.adviser = self.town, self.adviser
        return False

    def _persons_and_bounds(self) -> tuple[dict[str, str], Bounds]:
        lons, lats = zip(*self.town.outline, strict=True)
        persons = {person.id: person.area for person in self.town.persons.values()}
        return persons, Bounds(min(lons), min(lats), max(lons), max(lats))

    def _call_signs(self) -> dict[str, str]:
        return {person.call_sign: person.id for person in self.town.persons.values()}

    def check_room(self) -> None:
        """Refuse to begin what might not find room to end.

        Raises:
            DiskFull: less space is left than the setting keeps free.
        """
        free_mb, stop_mb = self.media.free_mb(), self.settings.disk_stop_mb
        if free_mb is not None and free_mb < stop_mb:
            raise DiskFull("disk_full", free_mb=round(free_mb), stop_mb=stop_mb)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, and end it in the opposite order."""
        await anyio.to_thread.run_sync(self._take_up)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self.timeline.close)
            stack.push_async_callback(anyio.to_thread.run_sync, self.plans.end)
            for worker in self.workers:
                worker.start()
                stack.push_async_callback(anyio.to_thread.run_sync, worker.end)
            await stack.enter_async_context(self.wall.running())
            await stack.enter_async_context(self.watching.running())
            await stack.enter_async_context(self.doors.running())
            await stack.enter_async_context(self.basemap.running())
            errands = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(errands.cancel_scope.cancel)
            errands.start_soon(self.clips.run)
            errands.start_soon(self.locator.run)
            yield

    def _take_up(self) -> None:
        """Go on where the last process of this hall stopped, however it stopped."""
        self.watching.take_up()
        self.plans.take_up()
        found.take_up(self.timeline)
        with self.timeline.transaction() as tx:
            muster(tx, self.town.persons.values())
        self.intake.restore()
        self.reception.states.restore(self.timeline)

    def _make_intake(self) -> PositionIntake:
        persons, bounds = self._persons_and_bounds()
        intake = PositionIntake(self.timeline, persons=persons, bounds=bounds, settings=self.settings)
        intake.listen(self._show_positions)
        return intake

    def _make_reception(self) -> None:
        persons, _ = self._persons_and_bounds()
        self.reception = Reception(self.timeline, self.intake, persons=persons)
        self.senders = Senders(self.timeline, persons=persons, call_signs=self._call_signs())
        self.doors = Doors(self.timeline, self.settings, self.reception, self.senders)

    def _make_clip_sweeper(self) -> ClipSweeper:
        settings = self.settings

        def terms(session: Session) -> Terms:
            return Terms(settings.clip_days, retention(session), settings.clip_most_mb, settings.disk_low_mb)

        def protected(session: Session) -> Protected:
            return Protected(prewarning_queries.open_alert_ids(session), cameras_of_open_cases(session))

        return ClipSweeper(
            self.timeline,
            self.media,
            terms=terms,
            protected=protected,
            gone=lambda tx, clip: note_clip_gone(tx, clip.alert_id),
        )

    def _make_workers(self) -> None:
        self.positions: Mailbox[list[Position]] = Mailbox("positions", self._judge_positions)
        fleet = self.watching.fleet
        raiser = AlertRaiser(Spots(lambda: self.town), fleet=fleet, hold_s={"signal_loss": self.settings.loss_hold_s})
        self.held = raiser.held
        self.rounds = Rounds(
            self.timeline, latest=self.intake.latest, spot_of=Spots(lambda: self.town).person, known=self._known_places
        )
        self.locator = FaultLocator(self.timeline, urls=self.watching.urls, fleet=lambda: fleet)
        self.clip_sweeper = self._make_clip_sweeper()
        self.grounder = grounding.Grounder(self.basemap)
        self.followers = (
            Follower(self.timeline, name="prewarning", handle=raiser.on_fact, kinds=FOLLOWED_KINDS),
            Follower(self.timeline, name="evidence", handle=self.clips.on_fact, kinds=("prewarning.raised",)),
        )
        following = [Worker(f"follow {one.name}", functools.partial(_follow, one)) for one in self.followers]
        for worker in following:
            self.timeline.on_commit(worker.wake)
        self.timeline.on_commit(self.arrivals.look_again)
        self.workers = (
            Worker("store positions", self._store_positions, every_s=0.5),
            Worker("devices", self._write_devices, every_s=2.0),
            Worker("duties", self._look_at_duties),
            Worker("presence", PresenceKeeper(self.timeline).step, every_s=15.0),
            Worker("video rounds", RoundKeeper(self.timeline).step, every_s=2.0),
            Worker("rounds", self.rounds.step, every_s=5.0),
            Worker("case clocks", CaseKeeper(self.timeline).step, every_s=1.0),
            Worker("closures", ClosureKeeper(self.timeline).step),
            Worker("sweep", self._sweep, every_s=3600.0),
            Worker("town", self.follow_town, every_s=5.0),
            Worker("standing", lambda: self.adviser.keep_up()),
            self.grounder.worker,
            Worker("held signals", lambda: self.held.step(self.timeline), every_s=0.2),
            Worker("keep clips", self.clip_sweeper.step, every_s=60.0),
            *self.watching.workers,
            self.positions.worker,
            *following,
        )

    def _show_positions(self, positions: list[Position]) -> None:
        for one in positions:
            self.lane.report(
                one.person_id,
                at=one.at,
                lon=one.lon,
                lat=one.lat,
                heading_deg=one.heading_deg,
                speed_mps=one.speed_mps,
            )
        self.positions.put(positions)

    def _judge_positions(self, batches: list[list[Position]]) -> None:
        positions = [position for batch in batches for position in batch]
        self.arrivals.observe(Fix(one.person_id, one.at, (one.lon, one.lat)) for one in positions if one.trusted)

    def _store_positions(self) -> bool:
        self.intake.flush()
        return False

    def _write_devices(self) -> bool:
        self.reception.write()
        return False

    def _known_places(self) -> Iterable[tuple[float, float]]:
        """Where one of the forces may stand for long: where his day begins, and every place with a name."""
        yield from (person.base for person in self.town.persons.values())
        yield from (place.lonlat for place in self.town.places.values())

    def _patrol_points(self) -> list[Spot]:
        """Mandatory points as somebody may name them in an address."""
        with self.timeline.reading() as session:
            return [
                Spot("point", one.id, one.name, (one.lon, one.lat), one.area, one.radius_m, sort=one.kind)
                for one in session.scalars(select(PointRow).where(PointRow.active).order_by(PointRow.id))
            ]

    def _look_at_duties(self) -> bool:
        self.duties.tick(self.timeline.now())
        return False

    def _sweep(self) -> bool:
        forget_answers(self.timeline, older_than=DONE_KEPT)
        with self.timeline.transaction() as tx:
            forget_positions(tx, before=tx.now - TRACKS_KEPT)
            forget_presence(tx, before=tx.now - TRACKS_KEPT)
            self.watching.sweep(tx)
            self.held.sweep(tx)
        self.clip_sweeper.sweep_orphans()
        if self.basemap.pictures is not None:
            self.basemap.pictures.sweep()
        return False

    def _area_of_unit(self, unit_id: str, lon: float, lat: float) -> str | None:
        return self.town.area_of((lon, lat))

    def _snapshot(self, session: Session, viewer: Viewer) -> Mapping[str, Any]:
        scope = viewer if isinstance(viewer, Scope) else None
        onlooker = scope.viewer if scope else viewer
        assert isinstance(onlooker, Onlooker)
        now = self.timeline.now()
        state: dict[str, list[Any]] = {
            **prewarning_queries.snapshot(session, onlooker.who, now=now),
            **response_queries.snapshot(session, onlooker.who, now=now),
            **patrol_queries.snapshot(session, onlooker.who, now=now),
            **video_patrol_queries.snapshot(session, onlooker.who, now=now),
        }
        # What is closed belongs to the map of the town: it is shown whole, whatever a page asks for.
        closed = closure_queries.snapshot(session, onlooker.who)
        if scope is None or not scope.areas:
            return {**state, **closed}
        return {**{name: list(_within(scope, entities)) for name, entities in state.items()}, **closed}


def _follow(follower: Follower) -> bool:
    return follower.step() > 0


def _within(scope: Scope, entities: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """What lies in the areas that a page asked for; entities that have no area of their own belong to one that has."""
    return (entity for entity in entities if "area" not in entity or scope.sees(entity["area"]))


def _who(websocket: WebSocket) -> Viewer:
    return Onlooker(anyio.from_thread.run(who_of_websocket, websocket))


def _may_look(viewer: Viewer) -> bool:
    return isinstance(viewer, Onlooker) and viewer.who.may("camera.see")


def _still_signed_in(websocket: WebSocket, viewer: Viewer) -> bool:
    assert isinstance(viewer, Onlooker)
    return anyio.from_thread.run(alive, websocket, viewer.who)
