"""The service's own description, read for tests: which operations take a body, an example of each, what it may hold."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

JSON = "application/json"
Step = str | int


@dataclass(frozen=True)
class Write:
    """An operation that takes JSON, with one example body; ``label`` names both."""

    method: str
    path: str
    label: str
    body: dict[str, Any]
    schema: dict[str, Any]

    def send(self, client: TestClient, body: Any, ids: dict[str, str] | None = None) -> Any:
        """Send a body; an id of the path is one of those given, or of nobody."""
        path = self.path
        for name in _names_in(path):
            path = path.replace(f"{{{name}}}", (ids or {}).get(name, str(uuid4())))
        return client.request(self.method, path, json=body, headers={"If-Match": "*"})


def _names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def writes(document: dict[str, Any]) -> Iterator[Write]:
    """Give each operation with a JSON body once for each of its examples, or for a body made up from its schema."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get(JSON)
            if content is None:
                continue
            examples = content.get("examples", {})
            examples = examples or {"made up": {"value": made_up(document, content["schema"])}}
            for name, example in examples.items():
                body = copy.deepcopy(example["value"])
                if "entries" in body:
                    body["entries"] = body["entries"][:1]
                yield Write(method.upper(), path, f"{method.upper()} {path} {name}", body, content["schema"])


def made_up(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Make the least that a schema asks for."""
    found = resolve(document, schema)[0]
    if "enum" in found or "examples" in found:
        return (found.get("enum") or found["examples"])[0]
    if "properties" in found:
        return {name: made_up(document, found["properties"][name]) for name in found.get("required", [])}
    if found.get("type") == "object":
        return {}
    if found.get("type") == "array":
        return [made_up(document, found["items"])] * max(1, found.get("minItems", 1))
    if found.get("type") in {"integer", "number", "boolean"}:
        return True if found["type"] == "boolean" else found.get("minimum", 1)
    return str(uuid4()) if found.get("format") == "uuid" else "x" * max(12, found.get("minLength", 0))


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the object schemas a schema may stand for."""
    if "$ref" in schema:
        return resolve(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    options = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    if options:
        return [found for option in options for found in resolve(document, option)]
    return [schema]


def objects(document: dict[str, Any], write: Write) -> Iterator[tuple[tuple[Step, ...], set[str]]]:
    """Give the way to each object of the example that a model reads, with the members the model has."""
    yield from _objects(document, write.schema, write.body, ())


def _objects(
    document: dict[str, Any], schema: dict[str, Any], value: Any, steps: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], set[str]]]:
    found = resolve(document, schema)
    if isinstance(value, list):
        items = [option["items"] for option in found if "items" in option]
        for index, item in enumerate(value):
            for option in items:
                yield from _objects(document, option, item, (*steps, index))
    if not isinstance(value, dict):
        return
    if steps == ("entries", 0):
        yield from _entry(document, value, steps)
        return
    models = [option["properties"] for option in found if "properties" in option]
    if not models:
        return
    members = {name for model in models for name in model}
    yield steps, members
    for name, inner in value.items():
        for model in models:
            if name in model:
                yield from _objects(document, model[name], inner, (*steps, name))


def _entry(
    document: dict[str, Any], value: dict[str, Any], steps: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], set[str]]]:
    """Entries are judged one by one, so the description leaves their form open; nobody looks into a sealed one."""
    if "box" in value:
        yield steps, {"id", "kind", "box"}
        return
    yield steps, {"id", "kind", "device_at", "body"}
    yield from _objects(document, {"$ref": "#/components/schemas/NeedIn"}, value["body"], (*steps, "body"))


def put_in(body: dict[str, Any], steps: tuple[Step, ...], members: dict[str, Any]) -> dict[str, Any]:
    """Copy a body with members added at a place inside it."""
    changed = copy.deepcopy(body)
    target: Any = changed
    for step in steps:
        target = target[step]
    target.update(members)
    return changed
