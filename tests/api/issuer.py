"""An issuer of tokens: real keys, and a real server that publishes them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example.org"
AUDIENCE = "agno-temporal"


class Signer:
    """A key of the issuer's."""

    def __init__(self, key_id: str, algorithm: str = "RS256", bits: int = 2048) -> None:
        self.key_id = key_id
        self.algorithm = algorithm
        self.private: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm.startswith("ES")
            else rsa.generate_private_key(public_exponent=65537, key_size=bits)
        )

    @property
    def public(self) -> dict[str, Any]:
        """As the issuer publishes it."""
        maker: Any = ECAlgorithm if self.algorithm.startswith("ES") else RSAAlgorithm
        made: dict[str, Any] = json.loads(maker.to_jwk(self.private.public_key()))
        return {**{name: value for name, value in made.items() if name != "key_ops"}, "kid": self.key_id, "use": "sig"}

    def token(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that counts, but for what is given. A claim of None is left out."""
        headers = {"kid": self.key_id, **(header or {})}
        said = {name: value for name, value in {**ordinary(), **claims}.items() if value is not None}
        return jwt.encode(said, self.private, self.algorithm, headers=headers)


def ordinary() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "iat": now, "exp": now + 300, "scope": "read"}


def published(*signers: Signer) -> bytes:
    return json.dumps({"keys": [signer.public for signer in signers]}).encode()


class Published:
    """What the server answers, and how often it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.url = ""


@contextmanager
def serving(content: bytes) -> Iterator[Published]:
    """Publish keys on this machine."""
    state = Published(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/keys"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
