"""``bench``: ours beside a floor taken in the same run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

MOST_POINTS: Final = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(bench)


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="nearest, gap, geocode, audit, policies or duplicates, all when left out; or durability, schemas, "
            "catchments, sites, matches, ogc.",
        ),
    ] = None,
    *,
    size: Annotated[int, typer.Option(min=100, max=MOST_POINTS, help="How many points.")] = 200_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same points.")] = 0,
    full: Annotated[bool, typer.Option("--full", help="Durability and schemas at full size.")] = False,
    peers: Annotated[Path | None, typer.Option(help="Where other projects are installed, to run beside ours.")] = None,
    reference: Annotated[Path | None, typer.Option(help="The folder of reference data.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a benchmark.")] = False,
) -> None:
    """Measure ours against a floor taken in the same run, as ratios."""
    from api.settings import CHECKOUT

    # the benchmarks stand beside the packages in the checkout and are not installed with them
    sys.path.insert(0, str(CHECKOUT))
    importlib.import_module("bench.__main__").main(
        names, size, seed, as_json, full, peers, **({"reference": reference} if reference else {})
    )
