"""A server of buckets, in memory: as much of S3's API and of Google Cloud Storage's as their SDKs use for payloads."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "payloads"

_GOOGLES = re.compile(r"/(?:(upload|download)/)?storage/v1/b/([^/]+)/o/?(.*)")


class Buckets:
    """What is stored, by the objects' names, and where the server is."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.objects: dict[str, bytes] = {}

    def environment(self) -> dict[str, str]:
        """AWS' and Google's own variables, so that both SDKs come here."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
            "STORAGE_EMULATOR_HOST": self.address,
        }


@contextmanager
def serving() -> Iterator[Buckets]:
    """A server for the length of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.buckets = Buckets(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.buckets  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        bucket, name, _ = self._place()
        found = self._objects.get(name) if bucket == BUCKET else None
        if found is None:
            code = "NoSuchKey" if bucket == BUCKET else "NoSuchBucket"
            self._answer(404, f"<Error><Code>{code}</Code><Message>{code}: {name}</Message></Error>".encode())
        elif _GOOGLES.match(self.path) and "alt=media" not in self.path:
            self._answer(200, b'{"kind": "storage#object"}', "application/json")
        else:
            self._answer(200, found)

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        self._store()

    def do_POST(self) -> None:
        self._store()

    def _store(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bucket, name, query = self._place()
        if bucket != BUCKET:
            self._answer(404, b"<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>")
            return
        self._objects[query.get("name", name)] = body
        # S3's own PUT has no text, and its SDK takes one for an error.
        self._answer(200, b"" if self.command == "PUT" else b"{}", "application/json")

    def _place(self) -> tuple[str, str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if googles := _GOOGLES.match(parts.path):
            return googles[2], unquote(googles[3]), query
        bucket, _, name = parts.path.removeprefix("/").partition("/")
        return bucket, unquote(name), query

    @property
    def _objects(self) -> dict[str, bytes]:
        return self.server.buckets.objects  # type: ignore[attr-defined,no-any-return]

    def _answer(self, status: int, body: bytes, media_type: str = "application/xml") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"0"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass
