"""Every operation of the contract, and a call of each as its description says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient


def operations(app: FastAPI) -> list[tuple[str, str, str, dict[str, Any]]]:
    found = []
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            found.append((operation["operationId"], method.upper(), path, operation))
    return found


def call(client: TestClient, method: str, path: str, operation: dict[str, Any]) -> Any:
    """Call an operation as its description says, with the body of its first example."""
    media = operation.get("requestBody", {}).get("content", {})
    changes = "{" not in path and method in ("PATCH", "PUT", "DELETE")
    how: dict[str, Any] = {"headers": {"If-Match": "*"} if changes else {}}
    if "application/json" in media:
        example = next(iter(media["application/json"].get("examples", {"": {"value": {}}}).values()))
        how["json"] = example["value"]
    elif "application/x-www-form-urlencoded" in media:
        how["data"] = next(iter(media["application/x-www-form-urlencoded"]["examples"].values()))["value"]
    elif "multipart/form-data" in media:
        how["files"] = next(iter(media["multipart/form-data"]["examples"].values()))["value"]
    elif media and "text/csv" not in media:
        how |= {"content": b"nothing", "headers": {"content-type": next(iter(media))}}
    elif media:
        how |= {"content": b"q\nTestikatu 1\n", "headers": {"content-type": "text/csv"}}
    query = {"lon": 24.94, "lat": 60.17, "kind": "asset"} if "nearest" in path or "reverse" in path else {}
    if path.endswith("/nearest") and "needs" in path:
        query = {"kind": "asset"}
    if path == "/v1/access":
        query = {"category": "food"}
    if path == "/v1/changes":
        query = {"collection": "needs"}
    if path.endswith("/reverse"):
        query.pop("kind")
    return client.request(method, path, params=query, **how)
