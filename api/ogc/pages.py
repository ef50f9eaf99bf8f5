"""The feeds as pages for people: written here with everything escaped; a script of this host draws the map."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from geo.domain.queryable import GEOMETRY

from api.ogc.documents import ROOT, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geo.domain.queryable import Queryable

    from api.ogc.sources import Source

_HEAD: Final = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
)
_STYLE: Final = '<link rel="icon" href="/enter/feed.svg">\n<link rel="stylesheet" href="/enter/feed.css">\n'
_MAP_HEAD: Final = (
    '<link rel="stylesheet" href="/static/leaflet/leaflet.css">\n'
    '<script src="/static/leaflet/leaflet.js" defer></script>\n'
    '<script src="/static/protomaps/protomaps-leaflet.js" defer></script>\n'
    '<script src="/enter/feed.js" defer></script>\n'
)
_SHORT: Final = 80
_MAP_LIMIT: Final = 1000


def landing_page(document: Mapping[str, Any]) -> bytes:
    """Show where to begin."""
    ways = [one for one in document["links"] if one["rel"] in ("data", "conformance", "service-doc")]
    listed = "".join(f"<li>{_anchor(_as_page(one['href']), one['title'])}</li>" for one in ways)
    intro = f"<p class=lead>{escape(document['description'])}</p><ul class=ways>{listed}</ul>"
    return _page(document["title"], [], intro, document["links"])


def conformance_page(document: Mapping[str, Any]) -> bytes:
    """Show which parts of the standards are kept."""
    listed = "".join(f"<li><code>{escape(name)}</code></li>" for name in document["conformsTo"])
    return _page("What is kept of the standards", [_HOME], f"<ul class=plain>{listed}</ul>", document["links"])


def collections_page(document: Mapping[str, Any]) -> bytes:
    """Show the collections."""
    cards = "".join(
        f"<li><a href='{ROOT}/collections/{escape(one['id'])}?f=html'>{escape(one['title'])}</a>"
        f"<p>{escape(one['description'])}</p></li>"
        for one in document["collections"]
    )
    return _page("Collections", [_HOME], f"<ul class=cards>{cards}</ul>", document["links"])


def collection_page(document: Mapping[str, Any], source: Source) -> bytes:
    """Show one collection: a map of its first features, what it can be asked by, and its forms."""
    path = f"{ROOT}/collections/{source.name}"
    forms = [one for one in document["links"] if one["rel"] == "items"]
    listed = "".join(f"<li>{_anchor(one['href'], one['title'])}</li>" for one in forms)
    systems = "".join(f"<li><code>{escape(name)}</code></li>" for name in document["crs"])
    body = (
        f"<p class=lead>{escape(source.description)}</p>{_map(f'{path}/items?limit={_MAP_LIMIT}&f=json')}"
        f"<p><a class=button href='{path}/items?f=html'>See the features</a></p>"
        f"<h2>Forms</h2><ul class=ways>{listed}</ul>"
        f"<h2>What it can be asked by</h2>{_asked_by(source)}"
        f"<h2>Reference systems</h2><ul class=plain>{systems}</ul>"
    )
    as_json = {"rel": "alternate", "href": f"{path}?f=json", "title": "This document as JSON"}
    return _page(source.title, [_HOME, _COLLECTIONS], body, [as_json], has_map=True)


def _asked_by(source: Source) -> str:
    rows = "".join(
        f"<tr><th scope=row><code>{escape(one.name)}</code></th><td>{escape(one.kind.value)}</td>"
        f"<td>{escape(', '.join(one.words))}</td></tr>"
        for one in source.queryables
    )
    return (
        "<div class=wide tabindex=0 role=region aria-label='What it can be asked by'>"
        "<table><thead><tr><th scope=col>Name</th><th scope=col>Kind</th><th scope=col>Words</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def queryables_page(source: Source, links: Sequence[Mapping[str, str]]) -> bytes:
    """Show what a collection can be asked by."""
    here = (f"{ROOT}/collections/{source.name}?f=html", source.title)
    return _page(f"{source.title}: what it can be asked by", [_HOME, _COLLECTIONS, here], _asked_by(source), links)


def tiles_page(document: Mapping[str, Any]) -> bytes:
    """Show a document about tiles: what it says, and where it leads."""
    parts = document.get("tilesets") or document.get("tileMatrixSets") or [document]
    body = "".join(_tile_part(one) for one in parts)
    as_json = {"rel": "alternate", "href": "?f=json", "title": "This document as JSON"}
    return _page(str(document.get("title", "Tiles")), [_HOME, _COLLECTIONS], body, [as_json])


def _tile_part(one: Mapping[str, Any]) -> str:
    told = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in one.items()
        if isinstance(value, str)
    )
    ways = "".join(f"<li>{_way(link)}</li>" for link in one.get("links", ()))
    return f"<div class=wide><table><tbody>{told}</tbody></table></div><ul class=ways>{ways}</ul>"


def _way(link: Mapping[str, Any]) -> str:
    """Link to a document; an address with names in braces is none yet, and stands as text."""
    if link.get("templated"):
        return f"<code>{escape(link['href'])}</code>"
    return _anchor(link["href"], str(link.get("title") or link["rel"].rpartition("/")[2]))


def items_page(
    source: Source, features: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, str]], matched: int | None
) -> bytes:
    """Show a page of features: a map, and the same as a table."""
    data = next(one["href"] for one in links if one["rel"] == "alternate" and one["type"] == "application/geo+json")
    onward = next((one["href"] for one in links if one["rel"] == "next"), None)
    more = "" if onward is None else f"<p><a class=button rel=next href='{escape(onward)}'>What comes next</a></p>"
    count = f"{len(features)} shown" if matched is None else f"{len(features)} of {matched} shown"
    none = "<p class=empty>Nothing here meets what was asked.</p>"
    body = f"<p class=lead>{count}</p>" + (f"{_map(data)}{_table(source, features)}" if features else none) + more
    here = (f"{ROOT}/collections/{source.name}?f=html", source.title)
    return _page(f"{source.title}: features", [_HOME, _COLLECTIONS, here], body, links, has_map=bool(features))


def feature_page(source: Source, one: Mapping[str, Any], links: Sequence[Mapping[str, str]]) -> bytes:
    """Show one feature."""
    data = next(link["href"] for link in links if link["rel"] == "alternate")
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(_said(value))}</td></tr>"
        for name, value in one["properties"].items()
    )
    drawn = _map(data) if one["geometry"] is not None else "<p class=empty>It has no place that is shown.</p>"
    table = f"<table><tbody>{rows}</tbody></table>"
    body = f"{drawn}<div class=wide tabindex=0 role=region aria-label=Properties>{table}</div>"
    base = f"{ROOT}/collections/{source.name}"
    here = [(f"{base}?f=html", source.title), (f"{base}/items?f=html", "Features")]
    title = str(one["properties"].get("name") or one["properties"].get("label") or one["id"])
    return _page(title, [_HOME, _COLLECTIONS, *here], body, links, has_map=True)


def interface_page(document: Mapping[str, Any], links: Sequence[Mapping[str, str]]) -> bytes:
    """Show the paths of the interface and their parameters."""
    parts = []
    for path, item in document["paths"].items():
        what = item["get"]
        names = [one.get("name") or one["$ref"].rpartition("/")[2] for one in what.get("parameters", ())]
        told = f"<p class=muted>Parameters: {', '.join(f'<code>{escape(name)}</code>' for name in names)}</p>"
        parts.append(f"<li><code>{escape(path)}</code><p>{escape(what['summary'])}</p>{told if names else ''}</li>")
    return _page("The interface", [_HOME], f"<ul class=cards>{''.join(parts)}</ul>", links)


_HOME: Final = (f"{ROOT}?f=html", "Feeds")
_COLLECTIONS: Final = (f"{ROOT}/collections?f=html", "Collections")


def _page(
    title: str,
    crumbs: Iterable[tuple[str, str]],
    body: str,
    links: Iterable[Mapping[str, str]],
    *,
    has_map: bool = False,
) -> bytes:
    trail = "".join(f"<li>{_anchor(href, text)}</li>" for href, text in crumbs)
    nav = f"<nav aria-label='Where this is'><ol>{trail}</ol></nav>" if trail else ""
    others = [one for one in links if one["rel"] == "alternate"]
    forms = "".join(f"<li>{_anchor(one['href'], one['title'])}</li>" for one in others)
    found = (
        f"{_HEAD}<title>{escape(title)}</title>\n{_MAP_HEAD if has_map else ''}{_STYLE}</head>\n<body>\n<main>{nav}"
        f"<h1>{escape(title)}</h1>{body}</main>\n<footer><ul>{forms}</ul></footer>\n</body>\n</html>\n"
    )
    return found.encode()


def _map(data: str) -> str:
    return (
        f"<div id=map data-from='{escape(data)}' role=region aria-label='Map'></div>"
        "<p id=said class=muted role=status></p>"
    )


def _table(source: Source, features: Sequence[Mapping[str, Any]]) -> str:
    # a column in which nothing is said on this page only makes it wide
    told = {name for one in features for name, value in one["properties"].items() if value not in (None, "", [])}
    columns = [one for one in source.queryables if one.name in told and one.name != GEOMETRY]
    head = "".join(f"<th scope=col{_side(one)}>{escape(one.name)}</th>" for one in columns)
    rows = "".join(_row(source, one, columns) for one in features)
    return (
        "<div class=wide tabindex=0 role=region aria-label=Features><table><thead><tr><th scope=col>id</th>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(source: Source, one: Mapping[str, Any], columns: Iterable[Queryable]) -> str:
    path = f"{ROOT}/collections/{source.name}/items/{escape(str(one['id']))}?f=html"
    cells = "".join(
        f"<td{_side(column)}>{escape(_said(one['properties'].get(column.name))[:_SHORT])}</td>" for column in columns
    )
    return f"<tr><th scope=row><a href='{path}'>{escape(str(one['id'])[:13])}</a></th>{cells}</tr>"


def _side(one: Queryable) -> str:
    return " class=number" if is_number(one) else ""


def _said(value: Any) -> str:  # noqa: ANN401 - whatever JSON knows
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _anchor(href: str, text: str) -> str:
    return f"<a href='{escape(href)}'>{escape(text)}</a>"


def _as_page(href: str) -> str:
    return href if "f=html" in href else f"{href}?f=html"
