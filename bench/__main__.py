"""`python -m bench NAME`, which is what `yiping bench NAME` runs."""

from pathlib import Path
from typing import Annotated

import typer

from bench import feeds, positions, wall

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


app()
