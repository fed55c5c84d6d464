"""Bring a table in: what is closed as ended cases, what is open as matters that wait for the counter."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from command_center.access.guard import Who
from command_center.registry.queries import setting
from command_center.registry.town_index import TownIndex
from command_center.response import profiles
from command_center.response.intake.channels import CHANNELS, DEFAULT_WAYS, WAYS, way_of
from command_center.response.intake.commands import Matter, take_down
from command_center.response.parties import commands as parties
from command_center.response.parties.keys import Keyring
from command_center.response.past.facts import brought
from command_center.response.past.laying import Made, Under, caller_of, chunks, lay, make
from command_center.response.past.plan import Plan
from command_center.response.past.request import Request
from command_center.response.past.tables import PastBatchRow, PastRow
from command_center.response.terms import Terms
from command_center.timeline import Timeline, Transaction
from command_center.timeline.bulk import store_name
from command_center.timeline.ids import new_id

# So many at a time: while one transaction writes, a hall on the same store waits, a third of a second at most.
LAID_AT_ONCE = 1000
TAKEN_AT_ONCE = 20
# From so many thousands on a second process is started to make rows, and stays so many thousands ahead.
WORTH_A_PROCESS = 5
AHEAD = 4


def bring(
    timeline: Timeline,
    town: TownIndex,
    plan: Plan,
    *,
    who: Who,
    keys: Keyring,
    tell: Callable[[int], None] = lambda _done: None,
) -> PastBatchRow:
    """Store what a plan says, some at a time, so that a hall that works on the same store goes on working.

    Broken off, what is stored stays, whole; the same table again goes on with the rest.

    Args:
        timeline: of the hall.
        town: as of the plan.
        who: answers for it; opens the matters that are open.
        keys: to lock the names of callers with.
        tell: called after each step with the number of requests that are stored.

    Raises:
        BadInput, Unavailable: as `laying.lay`.
    """
    with timeline.transaction() as tx:
        batch = PastBatchRow(
            id=new_id(), file=plan.file[:255], sha256=plan.sha256, counts=plan.counts, actor=who.json(),
            begun_at=tx.now, done_at=None,
        )  # fmt: skip
        tx.session.add(batch)
        ways, store = _ways(tx), store_name(tx.session.connection())
    under = Under(
        batch.id, plan.system, town.center.code, {one.code: one.priority for one in town.categories.values()}, ways,
        who.json(), batch.begun_at, keys.current if keys.keys else None, store,
    )  # fmt: skip
    done = 0
    for made in _made(plan.closed, under):
        with timeline.transaction() as tx:
            lay(tx, made, under)
        done += len(made.at)
        tell(done)
    terms = Terms(town.categories.values())
    for many in chunks(plan.open, TAKEN_AT_ONCE):
        with timeline.transaction() as tx:
            _take_down(tx, many, under, who, terms, keys)
        done += len(many)
        tell(done)
    with timeline.transaction() as tx:
        batch = tx.session.get_one(PastBatchRow, batch.id)
        batch.done_at = tx.now
        tx.emit(brought(batch, area=town.center.code, actor=who.json()))
    return batch


def _made(requests: Sequence[Request], under: Under) -> Iterator[Made]:
    """The rows of requests some at a time; another process has them ready when the store is."""
    some = list(chunks(requests, LAID_AT_ONCE))
    if len(some) < WORTH_A_PROCESS:
        yield from (make(many, under) for many in some)
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        waiting = deque[Future[Made]]()
        for place in range(len(some)):
            while len(waiting) < AHEAD and place + len(waiting) < len(some):
                waiting.append(beside.submit(make, some[place + len(waiting)], under))
            yield waiting.popleft().result()


def _ways(tx: Transaction) -> Mapping[str, tuple[str, int]]:
    """Under which way of working each door's cases are filed."""
    ways = setting(tx.session, WAYS, DEFAULT_WAYS)
    kept = {channel: profiles.keep(tx, way_of(channel, "", ways)) for channel in CHANNELS}
    return {channel: (profile.id, profile.version) for channel, profile in kept.items()}


def _take_down(tx: Transaction, many: Sequence[Request], under: Under, who: Who, terms: Terms, keys: Keyring) -> None:
    """Open what is open as if it had been brought to the counter now: its clocks here begin here."""
    for one in many:
        matter = Matter(
            channel=one.channel, category=one.category, text=_told(one, under), place=one.place, lonlat=one.lonlat,
            area=one.area, title=one.title, contactable=bool(one.phone),
        )  # fmt: skip
        case = take_down(tx, matter, who=who, terms=terms)
        tx.session.add(PastRow(system=under.system, number=one.number, case_id=case["id"], batch_id=under.batch_id))
        caller = caller_of(one)
        if caller.name or caller.phone:
            parties.add(tx, case_id=case["id"], who=who, keys=keys, role="reporter", said=caller)


def _told(one: Request, under: Under) -> str:
    """What was said, and by which number the other system knows it."""
    return f"{one.text}\n（{under.system} {one.number}）"
