"""The command: ``python -m bench [NAME]... [--size N] [--seed S] [--full] [--json]``."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from geo.store.scratch import open_scratch

from bench import (
    audit,
    catchments,
    duplicates,
    durability,
    gap,
    live,
    map_browser,
    map_views,
    matches,
    nearest,
    ogc,
    policies,
    routing,
    schemas,
    sites,
    tiles,
    whole,
)
from bench.geocoding import speed
from bench.geocoding.county import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.outcome import Outcome

BENCHES = ("nearest", "gap", "live", "whole", "geocode", "audit", "policies", "duplicates")
PROOFS = ("durability", "schemas")
"""Run only when named: they break and flood an installation of their own, and measure no ratio."""
ON_REFERENCE = ("catchments",)
"""Run only when named: they need the folder of reference data."""
SMALLER = ("tiles", "sites", "matches", "routing", "ogc", "map", "map_browser")
"""Run only when named: they are for a size of their own, since a program takes a minute at most."""
NAMED = (*PROOFS, *ON_REFERENCE, *SMALLER)


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Which: {', '.join(BENCHES)}, all when left out; or {', '.join(NAMED)}.")
    ] = None,
    size: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many points.")] = 200_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same points.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a benchmark.")] = False,  # noqa: FBT002 - typer's way of writing a flag
    full: Annotated[bool, typer.Option("--full", help="Durability and schemas at full size.")] = False,  # noqa: FBT002 - likewise
    peers: Annotated[Path | None, typer.Option(help="Where other projects are installed, to run beside ours.")] = None,
    reference: Annotated[Path, typer.Option(help="The folder of reference data.")] = REFERENCE,
) -> None:
    """Measure ours against a floor taken in the same run, as ratios; results are also kept in bench/results."""
    if unknown := set(names or ()) - {*BENCHES, *NAMED}:
        raise typer.BadParameter(f"there is no benchmark {', '.join(sorted(unknown))}")
    console = Console()
    with TemporaryDirectory() as folder:
        for name, bench in (_benches(Path(folder), peers, reference) | _proofs(full=full)).items():
            if name not in (names or BENCHES):
                continue
            outcome = bench(size, seed)
            outcome.write()
            if as_json:
                print(json.dumps(outcome.as_dict()))
            else:
                outcome.show(console)


def _benches(folder: Path, peers: Path | None, reference: Path) -> dict[str, Callable[[int, int], Outcome]]:
    home = Path(os.environ.get("BARNRAISER_HOME", Path(__file__).parent.parent / ".barnraiser"))
    database = partial(open_scratch, home, os.environ.get("BARNRAISER_DATABASE_URL"))
    # a large gazetteer is indexed in minutes, and ten thousand questions in one statement take as long
    patient = partial(database, statement_timeout_s=1800.0)
    return {
        "nearest": partial(nearest.run, open_database=patient),
        "gap": gap.run,
        "live": live.run,
        "whole": whole.run,
        "geocode": partial(speed.run, open_database=patient, home=folder, reference=reference, peers_at=peers),
        "audit": partial(audit.run, open_database=database),
        "policies": partial(policies.run, open_database=database),
        "duplicates": partial(duplicates.run, open_database=patient),
        "ogc": partial(ogc.run, open_database=patient, home=folder, peers_at=peers),
        "tiles": partial(tiles.run, open_database=patient),
        "map": partial(map_views.run, open_database=patient),
        "map_browser": partial(map_browser.run, peers_at=peers),
        "sites": sites.run,
        "matches": matches.run,
        "routing": routing.run,
        "catchments": partial(catchments.run, reference=reference, peers_at=peers),
    }


def _proofs(*, full: bool) -> dict[str, Callable[[int, int], Outcome]]:
    plan, cases = (durability.FULL, schemas.FULL) if full else (durability.SMALL, schemas.SMALL)
    return {
        "durability": lambda _size, seed: durability.run(seed, plan),
        "schemas": lambda _size, seed: schemas.run(seed, cases),
    }


if __name__ == "__main__":
    typer.run(main)
