"""`python -m bench NAME`, which is what `yiping bench NAME` runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bench import addresses, cases, day, dispatch, feeds, history, patrol, plan, positions, proof, wall
from gis.planning.instances import BadInstance

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of a table")]


@app.callback()
def main() -> None:
    """The published figures, each run again on this machine next to its peer or limit."""


@app.command("wall")
def bench_wall(
    pages: Annotated[int, typer.Option(min=1)] = 200,
    positions: Annotated[float, typer.Option(help="positions a second")] = 1000,
    facts: Annotated[float, typer.Option(help="facts a second")] = 50,
    seconds: Annotated[float, typer.Option(min=3)] = 30,
    as_json: AsJson = False,
) -> None:
    """Facts and positions from the store to every page."""
    wall.run(pages, positions, facts, seconds).show(as_json=as_json)


@app.command("positions")
def bench_positions(
    seconds: Annotated[float, typer.Option(min=3, help="how long through each door")] = 60,
    door: Annotated[list[str] | None, typer.Option(help="only these: " + ", ".join(positions.DOORS))] = None,
    as_json: AsJson = False,
) -> None:
    """Positions from 2,000 devices through each door into a whole hall, stored and geofenced."""
    unknown = set(door or ()) - set(positions.DOORS)
    if unknown:
        raise typer.BadParameter(f"no such door: {', '.join(sorted(unknown))}")
    positions.run(seconds, door or positions.DOORS).show(as_json=as_json)


@app.command("cases")
def bench_cases(
    count: Annotated[int, typer.Option(min=1000, help="cases in the store")] = 1_000_000,
    asks: Annotated[int, typer.Option(min=10, help="questions of each kind")] = 200,
    claims: Annotated[int, typer.Option(min=1, help="cases that two departments claim at once")] = 1_000,
    postgres: Annotated[bool, typer.Option(help="PostgreSQL as well")] = True,
    as_json: AsJson = False,
) -> None:
    """A million cases: listed, filtered, searched and opened, on SQLite and PostgreSQL; two who claim at once."""
    cases.run(count, asks, claims, postgres).show(as_json=as_json)


@app.command("history")
def bench_history(
    count: Annotated[int, typer.Option(min=6000, help="requests in the table")] = 180_302,
    postgres: Annotated[bool, typer.Option(help="PostgreSQL as well")] = True,
    as_json: AsJson = False,
) -> None:
    """The table of a hotline of two years brought in, beside the same rows merely read and stored."""
    history.run(count, postgres).show(as_json=as_json)


@app.command("feeds")
def bench_feeds(
    count: Annotated[int, typer.Option(min=1, help="simulated cameras")] = 1447,
    seconds: Annotated[float, typer.Option(min=3, help="how long they are held")] = 600,
    troubled: Annotated[int, typer.Option(min=1, help="feeds that get into trouble")] = 200,
    lookers: Annotated[int, typer.Option(min=1, help="processes that look")] = 2,
    part: Annotated[list[str] | None, typer.Option(help="only these: " + ", ".join(feeds.PARTS))] = None,
    cache: Annotated[Path, typer.Option(help="folder in which footage is kept")] = Path(".cache"),
    as_json: AsJson = False,
) -> None:
    """Holding a fleet of feeds: what it costs, what is found, how much it can be, beside others."""
    unknown = set(part or ()) - set(feeds.PARTS)
    if unknown:
        raise typer.BadParameter(f"no such part: {', '.join(sorted(unknown))}")
    wishes = feeds.Wishes(count, seconds, min(troubled, count), lookers, cache)
    feeds.run(part or list(feeds.PARTS), wishes).show(as_json=as_json)


@app.command("addresses")
def bench_addresses(
    seed: Annotated[int, typer.Option(help="of the characters that are made wrong")] = 1,
    real: Annotated[int, typer.Option(min=0, help="towns of real village names")] = 12,
    as_json: AsJson = False,
) -> None:
    """Addresses a second, and how often the place is found in texts whose place is known."""
    addresses.run(seed, real).show(as_json=as_json)


@app.command("day")
def bench_day(
    officers: Annotated[int, typer.Option(min=2)] = 218,
    points: Annotated[int, typer.Option(min=1)] = 300,
    as_json: AsJson = False,
) -> None:
    """A county's day of patrol, planned against delivered, and an hour of tracks to be played again."""
    day.run(officers, points).show(as_json=as_json)


@app.command("proof")
def bench_proof(
    patrollers: Annotated[int, typer.Option(min=1)] = 100,
    hours: Annotated[float, typer.Option(min=1, max=24, help="how much of the day is patrolled")] = 24,
    seed: Annotated[int, typer.Option(help="same seed, same day")] = 1,
    live: Annotated[float, typer.Option(min=10, help="seconds of 5,000 positions a second as they come")] = 180,
    as_json: AsJson = False,
) -> None:
    """A day of patrollers at 1 Hz, in order and late, out of order and doubled: same verdicts, how fast?"""
    proof.run(patrollers, hours, seed, live).show(as_json=as_json)


@app.command("plan")
def bench_plan(
    points: Annotated[int, typer.Option(min=1)] = 200,
    teams: Annotated[int, typer.Option(min=1, max=31)] = 30,
    seconds: Annotated[float, typer.Option(min=1, help="longest search")] = 20,
    as_json: AsJson = False,
) -> None:
    """The rounds of a day for many points and teams, and what a drop-out changes."""
    plan.measure(points, teams, seconds).show(as_json=as_json)


@app.command("patrol")
def bench_patrol(
    instance: Annotated[list[Path] | None, typer.Option(help="a file: CARP .dat or Solomon's text")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="only these: " + ", ".join(patrol.SETS))] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="for each instance")] = 30,
    peers: Annotated[int, typer.Option(min=0, help="on how many instances PyVRP untuned is run beside")] = 4,
    workers: Annotated[int, typer.Option(min=1, help="processes that search")] = 2,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    data: Annotated[Path, typer.Option(help="folder of the public sets")] = patrol.DATA,
    as_json: AsJson = False,
) -> None:
    """Streets covered and visits in their windows: our plans beside the best known and PyVRP untuned."""
    unknown = set(set_ or ()) - set(patrol.SETS)
    if unknown:
        raise typer.BadParameter(f"no such set: {', '.join(sorted(unknown))}")
    sets = set_ or ([] if instance else list(patrol.SETS))
    try:
        instances = [patrol.of_file(path) for path in instance or ()]
        instances += [one for name in sets for one in patrol.of_set(name, data)]
    except BadInstance as bad:
        print(bad, file=sys.stderr)
        raise typer.Exit(2) from bad
    patrol.run(instances, seconds, peers=peers, workers=workers, seed=seed, as_json=as_json)


@app.command("dispatch")
def bench_dispatch(
    responders: Annotated[int, typer.Option(min=5, help="people on the roads")] = 1000,
    places: Annotated[int, typer.Option(min=3, help="places somebody is needed")] = 500,
    as_json: AsJson = False,
) -> None:
    """The five best of a thousand with reasons on a large network, beside igraph, and what the roads are worth."""
    dispatch.run(responders, places).show(as_json=as_json)


app()
