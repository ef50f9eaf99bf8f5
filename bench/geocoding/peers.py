"""Other geocoders on the same addresses: ``python -m bench.geocoding.peers FOLDER`` installs them outside the project.

Each runs in an environment of its own under the folder, is asked through one process that stays up, and is taken down
with everything it started. Whatever is not installed is left out, with a line that says so.
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - typer reads it
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.domain.place import Point

from bench.geocoding.ways import spelt_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from bench.geocoding.county import House

PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "addok": ("addok>=1.3,<1.4",),
    "nominatim": ("nominatim-db>=5,<6", "nominatim-api>=5,<6", "psycopg[binary]"),
}
PROGRAMS: Final[Mapping[str, str]] = {"addok": "redis-server", "nominatim": "osm2pgsql"}
"""What the operating system must bring beside the Python packages."""
_WAIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Replies:
    """What a peer answered, and how long each answer took in its own process."""

    points: list[Point | None]
    seconds: list[float]


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer with the corpus loaded."""

    name: str
    loaded_s: float
    ask: Callable[[Sequence[str]], Replies]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a peer may make a database: by a socket, as a role that may create databases."""

    host: str
    user: str
    database: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that cannot be run here, and why."""

    name: str
    why: str


def python_of(folder: Path, name: str) -> Path:
    """Give the interpreter of a peer's environment."""
    return folder / name / "bin" / "python"


def find_missing(folder: Path, name: str) -> Missing | None:
    """Say what a peer lacks to run, if anything."""
    if not python_of(folder, name).exists():
        return Missing(name, "not installed: python -m bench.geocoding.peers FOLDER")
    if shutil.which(PROGRAMS[name]) is None:
        return Missing(name, f"{PROGRAMS[name]} is not on this machine")
    return None


def install(folder: Path, name: str) -> str:
    """Make an environment for a peer and install it; return a line on how that went."""
    if not python_of(folder, name).exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
    command = [str(python_of(folder, name)), "-m", "pip", "install", "--quiet", *PACKAGES[name]]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return f"{name}: could not be installed: {done.stderr.strip().splitlines()[-1]}"
    lacking = find_missing(folder, name)
    return f"{name}: {lacking.why}" if lacking else f"{name}: installed"


# -- asking a process that stays up ------------------------------------------------------------------------


@contextmanager
def _answering(
    command: Sequence[str], env: Mapping[str, str], cwd: Path
) -> Iterator[Callable[[Sequence[str]], Replies]]:
    process = subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    given, said = process.stdin, process.stdout

    def ask(texts: Sequence[str]) -> Replies:
        replies = Replies([], [])
        for text in texts:
            with suppress(BrokenPipeError):
                given.write(json.dumps(text) + "\n")
                given.flush()
            line = said.readline()
            if not line:
                raise RuntimeError(f"{command[0]} ended in the middle of its questions")
            lon, lat, seconds = json.loads(line)
            replies.points.append(None if lon is None else Point(lon, lat))
            replies.seconds.append(seconds)
        return replies

    try:
        yield ask
    finally:
        with suppress(BrokenPipeError):
            given.close()
        said.close()
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """End a process that was started here."""
    process.terminate()
    try:
        process.wait(timeout=_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_QUIET: Final = """
import sys
# what a peer prints by itself must not stand among the answers
answers, sys.stdout = sys.stdout, sys.stderr
"""
_LOOP: Final = """
import json
from time import perf_counter
for line in sys.stdin:
    started = perf_counter()
    try:
        lon, lat = look(json.loads(line))
    except Exception:
        lon = lat = None
    print(json.dumps([lon, lat, perf_counter() - started]), file=answers, flush=True)
"""


# -- addok -------------------------------------------------------------------------------------------------

_ADDOK_LOOK: Final = """
from addok.config import config
config.load()
from addok.core import search
def look(text):
    found = search(text, limit=1)
    return (float(found[0].lon), float(found[0].lat)) if found else (None, None)
"""
_ADDOK_CONFIG: Final = """
QUERY_MAX_LENGTH = 400
LOG_DIR = {folder!r}
"""


@contextmanager
def open_addok(folder: Path, corpus: Sequence[House], work: Path) -> Iterator[Peer]:
    """Load addok with a corpus into a Redis of its own, which keeps nothing on disk and listens on a socket only."""
    config = work / "addok_config.py"
    config.write_text(_ADDOK_CONFIG.format(folder=str(work)), "utf-8")
    socket = work / "redis.sock"
    env = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "REDIS_SOCKET": str(socket),
        "ADDOK_CONFIG_MODULE": str(config),
        "ADDOK_LOG_DIR": str(work),
    }
    documents = work / "addok.json"
    documents.write_text("".join(json.dumps(d) + "\n" for d in addok_documents(corpus)), "utf-8")
    with _redis(socket, work):
        started = perf_counter()
        for task in (["batch", str(documents)], ["ngrams"]):
            command = [str(folder / "addok" / "bin" / "addok"), *task]
            subprocess.run(command, env=env, cwd=work, check=True, capture_output=True)
        loaded_s = perf_counter() - started
        with _answering([str(python_of(folder, "addok")), "-c", _QUIET + _ADDOK_LOOK + _LOOP], env, work) as ask:
            yield Peer("addok", loaded_s, ask)


@contextmanager
def _redis(socket: Path, work: Path) -> Iterator[None]:
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(work)]
    program = shutil.which("redis-server") or "redis-server"
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, text=True)
    try:
        until = monotonic() + _WAIT_S
        while not socket.exists():
            if monotonic() > until or process.poll() is not None:
                raise RuntimeError("redis-server did not start")
            sleep(0.05)
        yield
    finally:
        end(process)


def addok_documents(corpus: Sequence[House]) -> Iterator[dict[str, object]]:
    """Write a corpus as addok takes it: one document for each street, its house numbers inside."""
    streets: dict[tuple[str, str, str], list[House]] = {}
    for house in corpus:
        streets.setdefault((spelt_out(house), house.postcode, house.town), []).append(house)
    for number, ((street, postcode, town), group) in enumerate(streets.items()):
        middle = group[len(group) // 2].point
        yield {
            "id": str(number),
            "type": "street",
            "name": street,
            "postcode": postcode,
            "city": town.title(),
            "lon": middle.lon,
            "lat": middle.lat,
            "importance": 0.1,
            "housenumbers": {h.number: {"lon": h.point.lon, "lat": h.point.lat} for h in group},
        }


# -- Nominatim ---------------------------------------------------------------------------------------------

_NOMINATIM_LOOK: Final = """
import os
import nominatim_api as napi
api = napi.NominatimAPI(os.environ["PROJECT"])
def look(text):
    found = api.search(text, max_results=1)
    return (found[0].centroid.x, found[0].centroid.y) if found else (None, None)
"""


@contextmanager
def open_nominatim(folder: Path, corpus: Sequence[House], work: Path, server: Server) -> Iterator[Peer]:
    """Import a corpus with Nominatim into a database it makes itself.

    Parameters
    ----------
    server
        Its database is made, and is the caller's to drop.
    """
    extract = work / "corpus.osm"
    write_osm(extract, corpus)
    env = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(work),
        "PROJECT": str(work),
        "NOMINATIM_DATABASE_DSN": f"pgsql:host={server.host};user={server.user};dbname={server.database}",
        "NOMINATIM_IMPORT_STYLE": "address",
        "NOMINATIM_TOKENIZER": "icu",
        "NOMINATIM_DATABASE_WEBUSER": server.user,
    }
    started = perf_counter()
    command = [str(folder / "nominatim" / "bin" / "nominatim"), "import", "--osm-file", str(extract), "--threads", "2"]
    done = subprocess.run(
        [*command, "--project-dir", str(work)], env=env, cwd=work, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"Nominatim's import failed: {done.stderr[-2000:]}")
    loaded_s = perf_counter() - started
    with _answering([str(python_of(folder, "nominatim")), "-c", _QUIET + _NOMINATIM_LOOK + _LOOP], env, work) as ask:
        yield Peer("nominatim", loaded_s, ask)


def write_osm(path: Path, corpus: Sequence[House]) -> None:
    """Write a corpus as OpenStreetMap has it: a node for each house, a way for each street, a node for each town."""

    def tags(**values: str) -> str:
        return "".join(f'<tag k="{k.replace("__", ":")}" v="{html.escape(v)}"/>' for k, v in values.items() if v)

    stamp = 'version="1" timestamp="2026-01-01T00:00:00Z"'
    streets: dict[tuple[str, str], list[int]] = {}
    towns: dict[str, list[House]] = {}
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for number, house in enumerate(corpus, start=1):
            streets.setdefault((spelt_out(house), house.postcode), []).append(number)
            towns.setdefault(house.town, []).append(house)
            said = tags(
                addr__housenumber=house.number,
                addr__street=spelt_out(house),
                addr__postcode=house.postcode,
                addr__city=house.town.title(),
            )
            file.write(f'<node id="{number}" lon="{house.point.lon}" lat="{house.point.lat}" {stamp}>{said}</node>\n')
        for number, (town, group) in enumerate(towns.items(), start=len(corpus) + 1):
            point = group[len(group) // 2].point
            said = tags(place="town", name=town.title())
            file.write(f'<node id="{number}" lon="{point.lon}" lat="{point.lat}" {stamp}>{said}</node>\n')
        for number, ((street, _), nodes) in enumerate(streets.items(), start=1):
            refs = "".join(f'<nd ref="{node}"/>' for node in (nodes if len(nodes) > 1 else nodes * 2)[:1900])
            said = tags(highway="residential", name=street)
            file.write(f'<way id="{number}" {stamp}>{refs}{said}</way>\n')
        file.write("</osm>\n")


def opener(
    name: str, folder: Path, corpus: Sequence[House], work: Path, server: Server
) -> AbstractContextManager[Peer]:
    """Open a peer by its name."""
    if name == "addok":
        return open_addok(folder, corpus, work)
    return open_nominatim(folder, corpus, work, server)


def main(folder: Annotated[Path, typer.Argument(help="Where their environments go; outside the project.")]) -> None:
    """Install the peers that can be had here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        print(install(folder.resolve(), name))


if __name__ == "__main__":
    typer.run(main)
