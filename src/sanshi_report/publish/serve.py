"""Showing the site to this machine: what is in it, to whoever asks for it by this machine's name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

__all__ = ["serve"]

_LOOPBACK, _PORT = "127.0.0.1", 8000
_PATIENCE, _LONGEST = 10.0, 120.0
"""Seconds for a request to be said in full, and for its answer to be taken."""
_MOST = 500
"""Connections held at a time; none of them holds a thread."""

# What the pages themselves ask for, at most: slides run scripts of their own, other pages those of the site.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' data:; style-src 'unsafe-inline' data:; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def serve(folder: Path, told: Callable[[str], None]) -> None:
    """Answer requests for the files of a site until cancelled; `told` is given the address.

    Only this machine can reach it, and only as `localhost`, `127.0.0.1` or `[::1]`: a page elsewhere whose
    name is made to lead here gets nothing.
    """
    try:
        sockets = bind_sockets(_PORT, _LOOPBACK)
    except OSError:  # taken: any other will do
        sockets = bind_sockets(0, _LOOPBACK)
    port = sockets[0].getsockname()[1]
    names = frozenset(f"{name}:{port}" for name in ("localhost", _LOOPBACK, "[::1]"))
    files = {"path": str(folder), "names": names}
    application = Application(
        [("/(.*)", _File, files)],
        default_handler_class=_Missing,
        default_handler_args={"names": names},
        log_function=lambda _: None,
        compress_response=True,
    )
    server = _Server(
        application,
        idle_connection_timeout=_PATIENCE,
        body_timeout=_PATIENCE,
        max_header_size=16_384,
        max_body_size=1_024,
    )
    server.add_sockets(sockets)
    try:
        told(f"http://{_LOOPBACK}:{port}/")
        await asyncio.Event().wait()
    finally:
        server.stop()
        await server.close_all_connections()


class _Server(HTTPServer):
    """Holds so many connections at a time and hangs up on the next."""

    def initialize(self, *arguments: Any, **options: Any) -> None:
        super().initialize(*arguments, **options)
        self._held = 0

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        if self._held >= _MOST:
            stream.close()
            return
        self._held += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        self._held -= 1
        super().on_close(server_conn)


class _Guarded(RequestHandler):
    """Answers whoever named this machine, and says how its answers may be used."""

    def initialize(self, names: frozenset[str], **options: Any) -> None:
        super().initialize(**options)
        self._names = names

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in {
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if self.request.host.lower() not in self._names:
            raise HTTPError(421)
        if self.request.method not in ("GET", "HEAD"):
            self.set_header("Allow", "GET, HEAD")
            raise HTTPError(405)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain")
        self.finish(f"{status_code} {self._reason}\n")


class _Missing(_Guarded):
    """What is no path at all."""

    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class _File(_Guarded, StaticFileHandler):  # type: ignore[misc]
    """A file of the site: no list of a folder, and nothing that a link leads to."""

    async def get(self, path: str, include_body: bool = True) -> None:
        try:
            async with asyncio.timeout(_LONGEST):
                await super().get(path, include_body)
        except TimeoutError:
            self.request.connection.stream.close()  # type: ignore[union-attr]

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        # Only the site itself opens at its first page.
        parts = (path or "index.html").split("/")
        odd = any(part in ("", ".", "..") for part in parts)
        if odd or "\\" in path or not path.isprintable():
            raise HTTPError(404)
        return os.path.join(os.path.realpath(root), *parts)  # noqa: PTH118

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        # Unlike those of pathlib, these call a name that no system takes no file, and raise nothing.
        linked = os.path.realpath(absolute_path) != absolute_path
        if linked or not os.path.isfile(absolute_path):  # noqa: PTH113
            raise HTTPError(404)
        return absolute_path

    def compute_etag(self) -> None:
        """Return none: the site may be made anew at any time."""

    def should_return_304(self) -> bool:
        """Return False: what is stored nowhere is asked for whole."""
        return False
