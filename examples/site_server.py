"""Serves the live folder of a site directory, as a web server would that knows nothing of deployments.

    python -m examples.site_server SITE [--port PORT]

prints the URL and serves until it is stopped. The link ``live`` is followed anew with each request; while there is
none, every request is answered with 404. ``SITE`` is created if it does not exist.
"""

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class LiveHandler(SimpleHTTPRequestHandler):
    """Without caching, so that a browser shows a switch at once, and without a log line for each request."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def server_for(site: Path, port: int = 0, handler: type[LiveHandler] = LiveHandler) -> ThreadingHTTPServer:
    """A server on the loopback interface that listens already; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(site / "live")))


def url_of(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@contextmanager
def serving(site: Path, handler: type[LiveHandler] = LiveHandler) -> Iterator[str]:
    """Serves the site in a thread, on a free port, and gives its URL."""
    with server_for(site, handler=handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield url_of(server)
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the live folder of a site directory.")
    parser.add_argument("site", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options = parser.parse_args()
    options.site.mkdir(parents=True, exist_ok=True)
    with server_for(options.site, options.port) as server:
        print(url_of(server), flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
