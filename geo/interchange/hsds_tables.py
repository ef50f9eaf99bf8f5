"""Nested HSDS services as rows of its tables, and rows as nested services again: one undoes the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geo.interchange.hsds_fields import MANY, ONE, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Record = dict[str, Any]
_LINKED: Final = "attribute"
"""Attributes hang on whatever ``link_id`` names, all other rows on a field of their owner's name."""


def flatten(service: Mapping[str, Any]) -> Iterator[tuple[str, Record]]:
    """Take a fully nested service apart.

    Yields
    ------
    tuple
        The name of a table and a row of it, owners before what hangs on them. Organizations, taxonomies and terms come
        once for each service that names them.
    """
    yield from _flatten("service", service, {})


def _flatten(table: str, record: Mapping[str, Any], ids: Record) -> Iterator[tuple[str, Record]]:
    nested = {name for name, _ in MANY.get(table, ())} | {name for name, _, _ in ONE.get(table, ())}
    row = {name: value for name, value in record.items() if name not in nested} | ids
    for name, inner, field in ONE.get(table, ()):
        if record.get(name):
            row[field] = record[name]["id"]
            yield from _flatten(inner, record[name], {})
    yield table, {name: value for name, value in row.items() if name in TABLES[table].columns}
    for name, inner in MANY.get(table, ()):
        for one in record.get(name, ()):
            yield from _flatten(inner, one, _owner(table, inner, record))


def _owner(table: str, inner: str, record: Mapping[str, Any]) -> Record:
    if inner == _LINKED:
        return {"link_id": record["id"], "link_entity": table}
    return {f"{table}_id": record["id"]}


class Nest:
    """Rows of a package, gathered by what they hang on, so that services can be put together one by one."""

    def __init__(self, tables: Mapping[str, Sequence[Record]]) -> None:
        self._services = tables.get("service", ())
        self._by_id = {
            name: {str(row.get("id")): row for row in tables.get(name, ())}
            for name in ("organization", "location", "taxonomy_term", "taxonomy")
        }
        self._hanging: dict[tuple[str, str, str], list[Record]] = {}
        for owner, lists in MANY.items():
            for _, inner in lists:
                for row in tables.get(inner, ()):
                    self._hang(owner, inner, row)

    def _hang(self, owner: str, inner: str, row: Record) -> None:
        if inner == _LINKED:
            # a package of HSDS 2 or an early 3 may leave the entity out, and means the service
            on = row.get("link_id") if str(row.get("link_entity") or "service") == owner else None
        else:
            on = row.get(f"{owner}_id")
        if on:
            self._hanging.setdefault((owner, str(on), inner), []).append(row)

    def services(self) -> Iterator[Record]:
        """Put every service together, in the order of its table."""
        for row in self._services:
            yield self._nested("service", row)

    def _nested(self, table: str, row: Record) -> Record:
        made = dict(row)
        for name, inner, field in ONE.get(table, ()):
            found = self._by_id[inner].get(str(row.get(field)))
            if found is not None:
                made[name] = self._nested(inner, found)
        for name, inner in MANY.get(table, ()):
            rows = self._hanging.get((table, str(row.get("id")), inner), ())
            if rows:
                made[name] = [self._nested(inner, one) for one in rows]
        return made
