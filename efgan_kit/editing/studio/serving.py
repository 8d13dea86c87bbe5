"""The studio's server: on this machine alone unless asked otherwise, silent, and asking nothing of any other."""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from typing import Any, Final

from efgan_kit.editing.studio import drawing, pictures
from efgan_kit.editing.studio.session import Session
from efgan_kit.editing.studio.shared import Shared
from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS

LARGEST: Final = 40 * 2**20
"""Bytes of an uploaded file: cameras' JPEGs have up to 30 MB."""
LOOPBACK: Final = ["127.0.0.1", "localhost", "[::1]"]
POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src 'self' blob: mediastream:; font-src 'self' data:; connect-src 'self' blob:;"
    " worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
"""What a browser may ask for on the page's behalf: this server's own files."""


def serve(shared: Shared, listening: socket.socket, ready: Callable[[str], None], *, local: bool) -> None:
    """Serve the page until interrupted.

    What visitors upload lies in a folder of its own, which goes with the server.

    Args:
        listening: A listening socket; closed in the end.
        ready: Told the page's address as soon as it answers.
        local: As in `build_app`.

    Raises:
        KeyboardInterrupt: Somebody stopped it.
    """
    host, port = listening.getsockname()[:2]
    with listening, tempfile.TemporaryDirectory(prefix="efgan-studio-") as folder:
        _keep_to_ourselves(folder)
        import uvicorn

        # Told to end by another program, too, it first puts away what visitors uploaded.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        app = build_app(shared, local=local)
        settings = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="on")
        server: Any = uvicorn.Server(settings)
        start, stop = server.startup, server.shutdown

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await start(sockets=sockets)
            ready(f"http://{_spoken(host)}:{port}")

        async def shutdown(sockets: list[socket.socket] | None = None) -> None:
            # Pages that are still open are cut off, of which uvicorn, starlette and asyncio each write a traceback.
            for name in ("uvicorn.error", "asyncio"):
                logging.getLogger(name).disabled = True
            await stop(sockets=sockets)

        server.startup, server.shutdown = startup, shutdown
        server.run(sockets=[listening])


def build_app(shared: Shared, *, local: bool) -> Any:
    """The page, its pictures and downloads, as an ASGI application.

    Args:
        local: It answers to this machine's own names alone, so that no page from elsewhere can reach it by another.
    """
    import gradio as gr
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from efgan_kit.editing.studio import answers, page

    sessions: dict[str, Session] = {}
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    _offer_pictures(app, shared, sessions)
    parts = page.lay_out(shared, local=local)
    answers.answer(parts, shared, sessions)
    parts.page.queue(api_open=False, default_concurrency_limit=4)
    app = gr.mount_gradio_app(
        app,
        parts.page,
        "/",
        show_error=False,
        max_file_size=LARGEST,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=page.theme(),
        head=page.head(),
    )
    app.middleware("http")(_policed)
    if local:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)
    return app


def _keep_to_ourselves(folder: str) -> None:
    """Before gradio is imported: it counts nobody, asks no other machine, and keeps uploads in `folder`."""
    os.environ["GRADIO_TEMP_DIR"] = folder
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def _offer_pictures(app: Any, shared: Shared, sessions: dict[str, Session]) -> None:
    from fastapi import Response

    gone = Response(status_code=404)

    def lasting(content: bytes, kind: str) -> Any:
        return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})

    def drawn(name: str) -> Any:
        if name not in DESCRIPTIONS and name not in EXPRESSIONS:
            return gone
        return lasting(drawing.drawing_of(name), "image/webp")

    def example(place: int) -> Any:
        if not 0 <= place < len(shared.examples):
            return gone
        return lasting(*pictures.example(shared.example(place).faces[0]))

    def shown(key: str, what: str) -> Any:
        session = sessions.get(key)
        found = pictures.shown(session, what) if session is not None else None
        if found is None:
            return gone
        return Response(found[0], media_type=found[1], headers={"Cache-Control": "private, max-age=600"})

    app.add_api_route("/studio/drawings/{name}.webp", drawn, response_model=None)
    app.add_api_route("/studio/examples/{place}.jpg", example, response_model=None)
    app.add_api_route("/studio/pictures/{key}/{what}", shown, response_model=None)


async def _policed(request: Any, go_on: Any) -> Any:
    """Browsers are told to ask no other machine for anything, and to tell none where they were."""
    answer = await go_on(request)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _spoken(host: str) -> str:
    """A host as it stands in an address; one that stands for all of them is reached by this machine's own."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
