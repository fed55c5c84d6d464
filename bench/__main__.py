"""`python -m bench NAME`, which is what `yiping bench NAME` runs."""

from typing import Annotated

import typer

from bench import wall

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


app()
