"""The command line: composes the library, the loaders and the server.

Ends with 0 when all is well, 1 when the work found problems, 2 for bad usage or input.
"""

from __future__ import annotations

import sys
from copy import copy
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError

from geo.errors import GeoError, InvalidInput, NotPermitted, SourceUnreadable

from api.commands import (
    access,
    audit,
    calendar,
    entries,
    forms,
    geocoding,
    hours,
    importing,
    linking,
    loading,
    matching,
    measuring,
    nearest,
    notifying,
    outside,
    people,
    planning,
    reaching,
    releasing,
    reports,
    reviewing,
    rounds,
    scores,
    service,
    siting,
    texting,
    turfs,
)
from api.commands.jobs import BAD_INPUT, PROBLEMS, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

app = typer.Typer(
    name="barnraiser",
    help="Geospatial asset-and-need mapping for a neighbourhood mutual-aid network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
service.register(app)
geocoding.register(app)
reports.register(app)
hours.register(app)
measuring.register(app)
nearest.register(app)
access.register(app)
scores.register(app)
releasing.register(app)
people.register(app)
planning.register(app)
siting.register(app)
reaching.register(app)
outside.register(app)
notifying.register(app)
app.add_typer(loading.app, name="load")
app.add_typer(audit.app, name="audit")
app.add_typer(entries.app, name="entries")
app.add_typer(reviewing.app, name="review")
app.add_typer(calendar.app, name="calendar")
app.add_typer(linking.app, name="link")
app.add_typer(matching.app, name="matches")
app.add_typer(rounds.app, name="rounds")
app.add_typer(turfs.app, name="turfs")
app.add_typer(forms.app, name="forms")
app.add_typer(texting.app, name="texts")
app.add_typer(importing.app, name="import")


@app.callback()
def _begin() -> None:
    # with a callback an application stays one of verbs, however few it has
    pass


def only(name: str) -> typer.Typer:
    """Give the application with the one verb or group that is asked for, whole if there is none of that name.

    To build all verbs takes longer than most of them take to run.
    """
    verbs = [one for one in app.registered_commands if name == (one.name or _typed(one.callback))]
    groups = [one for one in app.registered_groups if name == one.name]
    if not verbs and not groups:
        return app
    narrowed = copy(app)
    narrowed.registered_commands, narrowed.registered_groups = verbs, groups
    return narrowed


def _typed(verb: Callable[..., object] | None) -> str:
    return getattr(verb, "__name__", "").replace("_", "-")


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; what goes wrong is said in one line on the error stream."""
    try:
        only(next(iter(arguments), ""))(list(arguments), prog_name="barnraiser")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else PROBLEMS
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            say(f"barnraiser: BARNRAISER_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}")
        return BAD_INPUT
    except GeoError as error:
        say(f"barnraiser: {error}")
        return BAD_INPUT if isinstance(error, InvalidInput | SourceUnreadable | NotPermitted) else PROBLEMS
    return 0


def main() -> None:
    """Run the command that was typed."""
    from api.serve import stop_on_hangup

    stop_on_hangup()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
