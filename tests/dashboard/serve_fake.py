"""Serve the stand-in API together with the mounted dashboard, as the real application does: ``python -m … PORT``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from tests.dashboard.fake_api import FakeApi

if TYPE_CHECKING:
    from starlette.requests import Request

DASHBOARD = Path(__file__).parents[2] / "dashboard"


async def answer(request: Request) -> Response:
    body = await request.json() if request.method == "POST" else None
    fake: FakeApi = request.app.state.fake
    status, found = fake.answer(request.method, request.url.path, dict(request.query_params), body)
    return JSONResponse(found, status_code=status)


def main(port: int) -> None:
    os.environ["BARNRAISER_API_URL"] = f"http://127.0.0.1:{port}"
    import streamlit
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    from api.hosts import HostWall

    pages = streamlit.App(DASHBOARD / "app.py")
    routes = [
        Route("/v1/{rest:path}", answer, methods=["GET", "POST"]),
        Mount("/static", StaticFiles(directory=DASHBOARD / "static")),
        Mount("/dash", pages),
    ]
    app = Starlette(routes=routes, lifespan=pages.lifespan())
    app.state.fake = FakeApi()
    app.add_middleware(HostWall, pages=("/dash",))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
