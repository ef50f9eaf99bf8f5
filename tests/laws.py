"""The laws of the house as searches of the source: each gives the lines that break it."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).parent.parent
PRODUCT: Final = ("geo", "api", "dashboard", "data")
FOLDERS: Final = (*PRODUCT, "bench", "notebooks", "tests", "docs", ".ci")
_SKIPPED: Final = frozenset({"__pycache__", "static", "results", ".ipynb_checkpoints"})

_STATEMENT: Final = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|COPY\s+\w+\s*\()\b", re.DOTALL
)
_RUNS_SQL: Final = frozenset({"text", "execute", "executemany", "exec_driver_sql", "scalar", "scalars", "SQL"})
_TAKES_SQL: Final = frozenset({"execute", "executemany", "exec_driver_sql"})
_SESSION_NAMES: Final = frozenset({"Session", "Engine"})
_DRIVERS: Final = frozenset({"psycopg", "psycopg2", "asyncpg", "geoalchemy2", "alembic", "sqlite3"})
_INNER_ROOMS: Final = frozenset(
    {
        "tables", "access_tables", "audit_tables", "calendar_tables", "catchment_tables",
        "coverage_tables", "gazetteer_tables",
        "match_tables",
        "driver_round_tables",
        "outbox_tables",
        "message_tables",
        "link_tables",
        "listing_tables",
        "escalation_tables",
        "people_tables",
        "texting_tables",
        "release_tables", "remote_tables", "review_tables", "rows", "sql", "suggest_tables",
        "locations",
        "turf_tables",
        "form_tables",
        "duplicate_tables",
        "import_tables",
        "tile_tables",
        "change_tables",
        "agreement_tables",
        "view_tables",
    }
)  # fmt: skip
_WRITES: Final = frozenset({"insert", "update", "delete"})
_REPAIRS: Final = frozenset({"make_valid", "ST_MakeValid"})
_REPROJECTS: Final = frozenset({"to_crs", "Transformer", "ST_Transform", "from_crs"})
_SEED_FREE: Final = frozenset({"default_rng", "Random", "RandomState"})
_SCREEN_ARGUMENTS: Final = frozenset({"popup", "tooltip", "html", "parse_html"})
_FOLIUM_MAY: Final = frozenset({"Map", "FeatureGroup"})


def files(*folders: str, endings: Iterable[str] = ("py",)) -> list[Path]:
    """List the project's own files, by ending, without what set-up copies or tools leave behind."""
    wanted = {f".{ending}" for ending in endings}
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.suffix in wanted]
    return [path for path in found if path.is_file() and not _SKIPPED & set(path.relative_to(ROOT).parts)]


def all_files() -> list[Path]:
    """List every text file that is ours: the folders, and the loose files beside them."""
    loose = [p for p in ROOT.iterdir() if p.is_file() and p.name not in {".env", ".coverage"} and p.suffix != ".log"]
    kept = [p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.is_file()]
    return sorted(p for p in (*loose, *kept) if not _SKIPPED & set(p.relative_to(ROOT).parts))


def tree_of(path: Path) -> ast.AST:
    """Parse a module."""
    return ast.parse(path.read_text("utf-8"), str(path))


@lru_cache(maxsize=1)
def _nodes_of(tree: ast.AST) -> list[ast.AST]:
    # many searches go through the same tree one after the other
    return list(ast.walk(tree))


def name_of(path: Path) -> str:
    """Give a path as a reader of the project knows it."""
    return path.relative_to(ROOT).as_posix()


def texts_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give every string that is not a docstring; for an f-string its fixed parts, joined."""
    skipped = {id(part) for node in _nodes_of(tree) for part in _docstring_parts(node)}
    for node in _nodes_of(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield node.lineno, "{}".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def _docstring_parts(node: ast.AST) -> list[ast.Constant]:
    body = getattr(node, "body", None)
    found = [statement.value for statement in body if isinstance(statement, ast.Expr)] if isinstance(body, list) else []
    return [value for value in found if isinstance(value, ast.Constant)]


def imports_in(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Give each import as line, module and name; the name is empty for a whole module."""
    for node in _nodes_of(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, node.module or "", alias.name) for alias in node.names)


def calls_in(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Give each call with the last part of what is called."""
    for node in _nodes_of(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield node, called.attr
            elif isinstance(called, ast.Name):
                yield node, called.id


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give every name that code uses, attributes and imports included."""
    for node in _nodes_of(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
    yield from ((line, name or module) for line, module, name in imports_in(tree))


def commits(tree: ast.AST) -> Iterator[int]:
    """Find where a transaction is ended by hand."""
    yield from (call.lineno for call, name in calls_in(tree) if name == "commit")


def sql_outside_the_store(tree: ast.AST) -> Iterator[int]:
    """Find statements, and imports of what makes or runs them; types of sessions and errors are no SQL."""
    for line, module, name in imports_in(tree):
        top = module.split(".")[0]
        harmless = module == "sqlalchemy.exc" or (module in ("sqlalchemy", "sqlalchemy.orm") and name in _SESSION_NAMES)
        if top in _DRIVERS or (top == "sqlalchemy" and not harmless):
            yield line
        inner = module.removeprefix("geo.store.") if module != "geo.store" else name
        if module.startswith("geo.store") and inner.split(".")[0] in _INNER_ROOMS:
            yield line
    yield from (line for line, text in texts_in(tree) if _STATEMENT.search(text))
    yield from (call.lineno for call, name in calls_in(tree) if name in _TAKES_SQL)


def session_makers(tree: ast.AST) -> Iterator[int]:
    """Find where a factory of sessions is made."""
    yield from (call.lineno for call, name in calls_in(tree) if name == "sessionmaker")


def imports_of_tests(tree: ast.AST) -> Iterator[int]:
    """Find where something of the tests is imported."""
    yield from (line for line, module, _ in imports_in(tree) if module.split(".")[0] == "tests")


def formatted_sql(tree: ast.AST) -> Iterator[int]:
    """Find statements put together as text instead of with bound values."""
    for call, name in calls_in(tree):
        if name in _RUNS_SQL and call.args and _is_formatted(call.args[0]):
            yield call.lineno
    for node in _nodes_of(tree):
        if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
            fixed = "{}".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
            if _STATEMENT.search(fixed):
                yield node.lineno
        elif isinstance(node, ast.BinOp | ast.Call) and _is_formatted(node) and _STATEMENT.search(_fixed_text(node)):
            yield node.lineno


def _is_formatted(value: ast.expr) -> bool:
    if isinstance(value, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in value.values)
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Mod | ast.Add) and any(_is_text(v) for v in (value.left, value.right))
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == "format" and _is_text(called.value)


def _fixed_text(node: ast.expr) -> str:
    return " ".join(str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))


def writes_unnoted(tree: ast.AST) -> Iterator[int]:
    """Find statements that write, in a module that notes nothing for the audit."""
    names = {called for _, called in calls_in(tree)}
    if "record" not in names:
        yield from (call.lineno for call, name in calls_in(tree) if name in _WRITES and isinstance(call.func, ast.Name))


def repairs(tree: ast.AST) -> Iterator[int]:
    """Find where a shape would be repaired, buffering by nothing included."""
    yield from (line for line, name in names_in(tree) if name in _REPAIRS)
    yield from (line for line, text in texts_in(tree) if any(word in text for word in _REPAIRS))
    for call, name in calls_in(tree):
        if name == "buffer" and call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0:
            yield call.lineno


def reprojections(tree: ast.AST) -> Iterator[int]:
    """Find where coordinates are taken into another system."""
    yield from (line for line, name in names_in(tree) if name in _REPROJECTS)
    yield from (line for line, text in texts_in(tree) if "ST_Transform" in text)


def unseeded_chance(tree: ast.AST) -> Iterator[int]:
    """Find generators without a seed, and the shared ones of whole libraries."""
    for call, name in calls_in(tree):
        if name in _SEED_FREE and not call.args and not call.keywords:
            yield call.lineno
    yield from (line for line, module, _ in imports_in(tree) if module == "random")


def text_through_folium(tree: ast.AST) -> Iterator[int]:
    """Find ways by which words could reach what folium compiles: markers, pop-ups, names that are not fixed."""
    for call, name in calls_in(tree):
        on_folium = isinstance(call.func, ast.Attribute) and _root_name(call.func) in ("folium", "branca")
        if on_folium and name not in _FOLIUM_MAY:
            yield call.lineno
        if any(keyword.arg in _SCREEN_ARGUMENTS for keyword in call.keywords):
            yield call.lineno
        if name in ("FeatureGroup", "Template") and any(not isinstance(v, ast.Constant) for v in _values_of(call)):
            yield call.lineno
    for line, module, name in imports_in(tree):
        if module.split(".")[0] in ("folium", "branca") and name not in ("", "MacroElement", "Template"):
            yield line


def _values_of(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _root_name(value: ast.expr) -> str:
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def folium_imports(tree: ast.AST) -> Iterator[int]:
    """Find where folium or its base library is used at all."""
    yield from (line for line, module, _ in imports_in(tree) if module.split(".")[0] in ("folium", "branca"))
