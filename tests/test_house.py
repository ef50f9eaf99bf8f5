"""The house keeps its laws: each message says the law and the cure. No database is needed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grimp
import pytest

from geo.privacy.allow_list import check_lists

from tests import laws
from tests.laws import PRODUCT, ROOT, all_files, files, name_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    Search = Callable[[ast.AST], Iterator[int]]

MOST_LINES: Final = 600
VAGUE_NAMES: Final = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "tools", "stuff"}
OF_TESTS: Final = (laws.repairs,)
OF_CODE: Final = (
    *OF_TESTS, laws.commits, laws.sql_outside_the_store, laws.writes_unnoted, laws.session_makers, laws.formatted_sql,
    laws.reprojections, laws.unseeded_chance, laws.folium_imports, laws.text_through_folium, laws.imports_of_tests,
)  # fmt: skip
KNOWN_HOSTS: Final = {
    "127.0.0.1": "this machine",
    "localhost": "this machine",
    "www.openstreetmap.org": "the link that credits the mappers, followed only by a click",
    "www.w3.org": "the name of the SVG vocabulary, never fetched",
    "json-schema.org": "the name of the vocabulary of JSON Schema, never fetched",
    "www.opengis.net": "names of OGC standards and coordinate systems, never fetched",
    "openrosa.org": "names of the vocabulary that ODK programs speak, never fetched",
    "docs.openreferral.org": "the name of the HSDS profile, never fetched",
}


def complain(law: str, cure: str, places: Iterable[str]) -> None:
    broken = sorted(set(places))
    assert not broken, f"\nLaw:  {law}\nCure: {cure}\n  " + "\n  ".join(broken)


@cache
def found_in(path: Path) -> dict[Search, list[int]]:
    """Parse a module once for all laws, and keep the lines that break each, which are few, and no tree."""
    tree = tree_of(path)
    return {search: list(search(tree)) for search in (OF_TESTS if name_of(path).startswith("tests/") else OF_CODE)}


def lines_of(paths: Iterable[Path], search: Search) -> list[str]:
    return [f"{name_of(path)}:{line}" for path in paths for line in found_in(path)[search]]


def without(paths: Iterable[Path], allowed: Collection[str]) -> list[Path]:
    return [path for path in paths if not name_of(path).startswith(tuple(allowed))]


def test_no_module_is_too_long() -> None:
    long = [
        f"{name_of(path)}: {count} lines"
        for path in files(*laws.FOLDERS, endings=("py", "js", "css", "sql"))
        if (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    ]
    complain(f"no module has more than {MOST_LINES} lines", "split it by noun; 400 is already much", long)


def _is_about_people(path: Path) -> bool:
    of_helpers = [name for _, module, name in laws.imports_in(tree_of(path)) if module.startswith("geo.")]
    return path.stem == "helpers" and any(name.startswith(("Helper", "create_helper")) for name in of_helpers)


def test_modules_are_named_by_nouns() -> None:
    vague = [p for p in files(*PRODUCT, "tests", "bench") if p.stem in VAGUE_NAMES and not _is_about_people(p)]
    complain(
        "a module is named after what it is about, and a helper is a person",
        "name the noun the functions share, or put each beside its only caller",
        map(name_of, vague),
    )


def test_imports_keep_the_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, (
        "\nLaw:  dashboard | api, then data, then geo; geo knows no web, only geo.store the database"
        f"\nCure: move the function to the layer that may have what it needs\n{answer.stdout[-3000:]}"
    )


def _cycle_from(graph: grimp.ImportGraph, start: str) -> tuple[str, ...]:
    for imported in sorted(graph.find_modules_directly_imported_by(start)):
        back = graph.find_shortest_chain(importer=imported, imported=start)
        if back:
            return (start, *back)
    return ()


def test_no_import_goes_in_a_circle() -> None:
    graph = grimp.build_graph(*PRODUCT)
    circles = [" -> ".join(cycle) for module in sorted(graph.modules) if (cycle := _cycle_from(graph, module))]
    complain("no import goes in a circle", "move what both need into a third module", circles[:5])


def test_nobody_commits_inside() -> None:
    outer = without(files(*PRODUCT), {"geo/store/engine.py", "api/deps.py"})
    complain(
        "one request or one job step is one transaction, and nobody inside ends it",
        "take a session and let geo.store.engine.transaction commit when the step is done",
        lines_of(outer, laws.commits),
    )


def test_sql_lives_in_the_store() -> None:
    outside = without(files(*PRODUCT), {"geo/store/"})
    complain(
        "SQL lives under geo/store alone, and only it knows the tables",
        "write a function there that takes a session and gives records",
        lines_of(outside, laws.sql_outside_the_store),
    )


def test_what_is_written_is_in_the_audit() -> None:
    silent = {
        "geo/store/audit.py": "is the audit",
        "geo/store/catchments.py": "what is within reach follows from a place, which has its entry, and the streets",
        "geo/store/credentials.py": "a secret belongs to the entry of what it is issued or revoked for",
        "geo/store/coverage_history.py": "keeps sums worked out from what has its own entries",
        "geo/store/coverage_log.py": "forgets what it noted an hour ago; what the notes are about has its entries",
        "geo/store/changes.py": "forgets what it noted a month ago; what the notes are about has its entries",
        "geo/store/partner_ledger.py": "keeps what a partner was given, which the feed notes where it must be",
        "geo/store/deciding.py": "a decision belongs to the entry of the need it places or marks",
        "geo/store/contacts.py": "a contact belongs to the entry of whose it is",
        "geo/store/keys.py": "names of keys are the installation's; sealing anew changes no content",
        "geo/store/gazetteer_sources.py": "the report belongs to the entry of the load it tells of",
        "geo/store/idempotency.py": "keeps keys, and the record a key makes has its entry",
        "geo/store/last_visit.py": "somebody's own memory of when they looked, which nobody else is shown",
        "geo/store/locations.py": "a place belongs to the entry of whose it is",
        "geo/store/merges.py": "what a merge keeps fades with the contact or place, whose fading has its entry",
        "geo/store/reaches.py": "a number's hash belongs to the entry of the contact it is of",
        "geo/store/outbox.py": "says that news was told; what the news is about has its entry",
        "geo/store/remote_cache.py": "keeps answers for a while; the asking has its entries",
        "geo/store/sign_ups.py": "a reminder belongs to the entry of the promise it is about",
        "geo/store/signing_in.py": "the use of a secret belongs to the entry of what it opens",
        "geo/store/submissions.py": "the record an entry makes, or whose removal empties it, has its own",
    }
    complain(
        "whatever is written is noted for the audit, once",
        "write through geo.store.rows, or call geo.store.audit.record; a part of another record is listed in this test",
        lines_of(without(files("geo/store"), {*silent, "geo/store/migrations/"}), laws.writes_unnoted),
    )


def test_every_session_keeps_the_audit() -> None:
    makers = [name_of(path) for path in files(*PRODUCT) if found_in(path)[laws.session_makers]]
    assert makers == ["geo/store/engine.py"]


def test_no_value_is_formatted_into_sql() -> None:
    complain(
        "no value is ever formatted into a statement",
        "bind it as :name; compose identifiers with psycopg.sql",
        lines_of(without(files(*PRODUCT, "bench"), {"geo/store/migrations/"}), laws.formatted_sql),
    )


def test_no_shape_is_repaired() -> None:
    law = "a shape that is not valid is refused, never repaired: repairing can take the database down"
    code = [path for path in files(*PRODUCT, "bench", "tests") if path.name not in {"laws.py", "test_house.py"}]
    places = lines_of(code, laws.repairs)
    for path in files(*PRODUCT, endings=("sql",)):
        bare = re.sub(r"--.*", "", path.read_text("utf-8"))
        places += [name_of(path)] if "makevalid" in bare.lower() else []
    complain(law, "answer InvalidGeometry; see docs/decisions/0008-geometry-is-never-repaired.md", places)


def test_one_module_reprojects() -> None:
    complain(
        "only geo/crs.py takes coordinates into another system, because degrees are not distances",
        "call metric_crs, to_metres and to_degrees, or measure with geography in the database",
        lines_of(without(files(*PRODUCT), {"geo/crs.py"}), laws.reprojections),
    )


def test_chance_has_a_seed() -> None:
    complain(
        "the same input gives the same output",
        "take a numpy Generator, or a seed that may be 0",
        lines_of(files(*PRODUCT), laws.unseeded_chance),
    )


def test_folium_sees_no_text_of_people() -> None:
    skeleton = "dashboard/widgets/skeleton.py"
    cure = "put it into JSON that our own script shows with textContent; see docs/decisions/0006"
    elsewhere = lines_of(without(files(*PRODUCT, "notebooks"), {skeleton}), laws.folium_imports)
    complain(f"folium is used in {skeleton} alone", cure, elsewhere)
    inside = lines_of(files("dashboard"), laws.text_through_folium)
    complain("no text that a person wrote passes through folium, which would run it as code", cure, inside)


def test_nothing_calls_out() -> None:
    named = [
        f"{name_of(path)}: {host}"
        for path in files(*PRODUCT, endings=("py", "js", "css", "toml", "svg", "sql"))
        for host in re.findall(
            r"""(?:https?:|["'(])//([a-z0-9-]+(?:\.[a-z0-9-]+)+)""", path.read_text("utf-8"), re.IGNORECASE
        )
        if host.lower() not in KNOWN_HOSTS
    ]
    complain("no script, style, font, tile or service of another host is named", "serve it from this host", named)


def test_no_file_tells_of_a_machine() -> None:
    # written in parts, so that this file does not break the law it checks
    hosts = ("registry." + "npmjs", "pypi." + "org", "files." + "pythonhosted", "index" + "-url", "crates." + "io")
    pattern = re.compile(
        "|".join(re.escape(host) for host in hosts) + r"|(?<![\w.$}/-])/(?:work|tmp/w|Users|home/[a-z]+)/|\"resolved\":"
    )
    places = []
    for path in all_files():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        places += [f"{name_of(path)}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    complain(
        "no file names a folder of somebody's machine or the address of a package registry",
        "use a path relative to the checkout; leave addresses to the package manager's own settings",
        places,
    )


def test_tests_mirror_without_hiding_the_product() -> None:
    bare = {path.parent for path in files("tests")} - {
        path.parent for path in files("tests") if path.stem == "__init__"
    }
    complain(
        "every folder of tests is a package; otherwise tests/geo hides geo",
        "add an __init__.py",
        [name_of(folder) for folder in bare],
    )


def test_the_product_never_imports_its_tests() -> None:
    places = lines_of(files(*PRODUCT, "bench"), laws.imports_of_tests)
    complain("nothing imports the tests", "move what is shared into the product", places)


def test_what_may_leave_is_listed_soundly() -> None:
    check_lists()


BROKEN: Final[dict[str, tuple[Search, str]]] = {
    "commit": (laws.commits, "session.commit()"),
    "import of statements": (laws.sql_outside_the_store, "from sqlalchemy import select"),
    "import of text": (laws.sql_outside_the_store, "import sqlalchemy"),
    "driver": (laws.sql_outside_the_store, "import psycopg"),
    "tables": (laws.sql_outside_the_store, "from geo.store import tables"),
    "exact places": (laws.sql_outside_the_store, "from geo.store.locations import get_location"),
    "statement": (laws.sql_outside_the_store, "q = 'SELECT id FROM need'"),
    "execution": (laws.sql_outside_the_store, "session.execute(q)"),
    "f-string": (laws.formatted_sql, "text(f'DROP TABLE {name}')"),
    "percent": (laws.formatted_sql, "execute('SELECT %s' % name)"),
    "plus": (laws.formatted_sql, "session.execute('SELECT ' + name)"),
    "format": (laws.formatted_sql, "text('SELECT {}'.format(name))"),
    "f-string kept": (laws.formatted_sql, "q = f'SELECT a FROM {table}'"),
    "unnoted": (laws.writes_unnoted, "session.execute(insert(table))"),
    "percent kept": (laws.formatted_sql, "q = 'SELECT a FROM %s' % table"),
    "plus kept": (laws.formatted_sql, "q = 'DELETE FROM need WHERE ' + condition"),
    "plus before": (laws.formatted_sql, "q = prefix + 'SELECT a FROM need'"),
    "plus twice": (laws.formatted_sql, "q = 'SELECT a FROM ' + table + ' WHERE ' + condition"),
    "format kept": (laws.formatted_sql, "q = 'UPDATE need SET {} = 1'.format(column)"),
    "f-string run": (laws.formatted_sql, "session.scalars(f'{prefix} order by {column}')"),
    "driver's own": (laws.formatted_sql, "connection.exec_driver_sql('TABLE ' + name)"),
    "repair": (laws.repairs, "shape = make_valid(shape)"),
    "repair in SQL": (laws.repairs, "q = 'ST_MakeValid(geom)'"),
    "repair by buffer": (laws.repairs, "shape.buffer(0)"),
    "reprojection": (laws.reprojections, "frame.to_crs(3067)"),
    "chance": (laws.unseeded_chance, "np.random.default_rng()"),
    "shared chance": (laws.unseeded_chance, "import random"),
    "marker": (laws.text_through_folium, "folium.Marker(place)"),
    "pop-up": (laws.text_through_folium, "add(popup=name)"),
    "tooltip": (laws.text_through_folium, "add(tooltip=name)"),
    "layer name": (laws.text_through_folium, "folium.FeatureGroup(name=name)"),
    "template": (laws.text_through_folium, "Template(name)"),
    "plugin": (laws.text_through_folium, "from folium.plugins import HeatMap"),
    "use": (laws.folium_imports, "import folium"),
    "sessions": (laws.session_makers, "orm.sessionmaker(bind=engine)"),
    "tests": (laws.imports_of_tests, "from tests.laws import files"),
}
KEPT: Final[dict[str, tuple[Search, str]]] = {
    "types": (laws.sql_outside_the_store, "from sqlalchemy.orm import Session\nfrom sqlalchemy.exc import DataError"),
    "words": (laws.sql_outside_the_store, "def f():\n    'Select a need from the list.'"),
    "bound": (laws.formatted_sql, "session.execute(text('SELECT :n'), {'n': name})"),
    "identifier": (laws.formatted_sql, "cursor.execute(sql.SQL('ANALYZE {}').format(sql.Identifier(name)))"),
    "noted": (laws.writes_unnoted, "session.execute(delete(table))\nrecord(session, 'delete', 'need')"),
    "seed": (laws.unseeded_chance, "np.random.default_rng(0)"),
    "empty map": (laws.text_through_folium, "folium.Map(location=(60, 25))\nfolium.FeatureGroup(name='state')"),
    "buffer": (laws.repairs, "shape.buffer(10)"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_law_bites(case: str) -> None:
    search, source = BROKEN[case]
    assert list(search(ast.parse(source)))


@pytest.mark.parametrize("case", KEPT)
def test_each_law_lets_good_code_be(case: str) -> None:
    search, source = KEPT[case]
    assert not list(search(ast.parse(source)))
