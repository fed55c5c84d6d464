"""`python -m bench NAME`, which is what `yiping bench NAME` runs."""

from pathlib import Path
from typing import Annotated

import typer

from bench import dispatch, feeds, wall

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


@app.command("dispatch")
def bench_dispatch(
    responders: Annotated[int, typer.Option(min=5, help="people on the roads")] = 1000,
    places: Annotated[int, typer.Option(min=3, help="places somebody is needed")] = 500,
    as_json: AsJson = False,
) -> None:
    """The five best of a thousand with reasons on a large network, beside igraph, and what the roads are worth."""
    dispatch.run(responders, places).show(as_json=as_json)


app()
