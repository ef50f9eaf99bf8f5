"""Write a small OpenStreetMap file by hand, byte for byte: what the format's description says, and no more."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SCALE: Final = 10_000_000
_TYPES: Final = {"node": 0, "way": 1, "relation": 2}


@dataclass
class SmallMap:
    """Nodes, ways and relations with their tags, numbered as they are added."""

    nodes: list[tuple[int, float, float, dict[str, str]]] = field(default_factory=list)
    ways: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = field(default_factory=list)

    def node(self, lon: float, lat: float, **tags: str) -> int:
        """Add a node; ``__`` in the name of a tag stands for a colon."""
        self.nodes.append((len(self.nodes) + 1, lon, lat, _tags(tags)))
        return len(self.nodes)

    def way(self, nodes: list[int], **tags: str) -> int:
        """Add a way along nodes."""
        self.ways.append((len(self.ways) + 1, nodes, _tags(tags)))
        return len(self.ways)

    def relation(self, members: list[tuple[str, int, str]], **tags: str) -> int:
        """Add a relation of members, each a type, a number and a role."""
        self.relations.append((len(self.relations) + 1, members, _tags(tags)))
        return len(self.relations)

    def write(self, path: Path) -> Path:
        """Write the file."""
        block = _Block()
        # an own group for each kind, as programs write them
        kinds = [_field(2, block.dense(self.nodes))]
        kinds += [b"".join(_field(3, block.way(*way)) for way in self.ways)] if self.ways else []
        kinds += [b"".join(_field(4, block.relation(*one)) for one in self.relations)] if self.relations else []
        data = _field(1, b"".join(_field(1, text) for text in block.texts)) + b"".join(
            _field(2, kind) for kind in kinds
        )
        head = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
        path.write_bytes(_blob(b"OSMHeader", head) + _blob(b"OSMData", data))
        return path


class _Block:
    def __init__(self) -> None:
        self.texts: list[bytes] = [b""]

    def _text(self, text: str) -> int:
        raw = text.encode()
        if raw not in self.texts:
            self.texts.append(raw)
        return self.texts.index(raw)

    def dense(self, nodes: Iterable[tuple[int, float, float, dict[str, str]]]) -> bytes:
        nodes = list(nodes)
        tags: list[int] = []
        for _, _, _, found in nodes:
            tags += [self._text(text) for pair in found.items() for text in pair] + [0]
        columns = ([n[0] for n in nodes], [round(n[2] * _SCALE) for n in nodes], [round(n[1] * _SCALE) for n in nodes])
        ids, lats, lons = (_packed(_zigzag(step) for step in _steps(column)) for column in columns)
        return _field(1, ids) + _field(8, lats) + _field(9, lons) + _field(10, _packed(tags))

    def _tagged(self, number: int, tags: dict[str, str]) -> bytes:
        keys, values = _packed(map(self._text, tags)), _packed(map(self._text, tags.values()))
        return _key(1, 0) + _varint(number) + _field(2, keys) + _field(3, values)

    def way(self, number: int, nodes: list[int], tags: dict[str, str]) -> bytes:
        return self._tagged(number, tags) + _field(8, _packed(_zigzag(step) for step in _steps(nodes)))

    def relation(self, number: int, members: list[tuple[str, int, str]], tags: dict[str, str]) -> bytes:
        roles = _packed(self._text(role) for _, _, role in members)
        ids = _packed(_zigzag(step) for step in _steps([ref for _, ref, _ in members]))
        kinds = _packed(_TYPES[kind] for kind, _, _ in members)
        return self._tagged(number, tags) + _field(8, roles) + _field(9, ids) + _field(10, kinds)


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def _steps(values: list[int]) -> list[int]:
    return [value - before for before, value in zip([0, *values], values, strict=False)]


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(map(_varint, values))


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _field(number: int, content: bytes) -> bytes:
    return _key(number, 2) + _varint(len(content)) + content


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _key(2, 0) + _varint(len(content)) + _field(3, zlib.compress(content))
    header = _field(1, kind) + _key(3, 0) + _varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob
