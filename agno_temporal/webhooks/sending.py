"""One attempt: a signed request to an address that was checked, and its status.

The library of Standard Webhooks signs. The request follows no redirect and uses no proxy, since both would take it to
where nobody has looked; the answer's body is not read, and everything together has one bound. httpx's client does the
first two, and writes each URL into the log, secrets and all: so its transport is used, which does none of the three.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from importlib.metadata import version

from agno_temporal.contract.moments import moment
from agno_temporal.contract.notices import Notice
from agno_temporal.webhooks.endpoints import Webhook
from agno_temporal.webhooks.targets import TargetRefused, resolved

MAX_WHY = 200
"""Characters. Who answers with something else than HTTP is quoted by httpx."""


class NotTaken(Exception):
    """Nobody answered. Says why, without the URL, which may have a secret in it."""


def body_of(notice: Notice) -> str:
    """The same for every attempt."""
    message = {"type": notice.type, "timestamp": moment(notice.at), "data": notice.data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def headers_of(notice: Notice, body: str, secrets: tuple[str, ...]) -> dict[str, str]:
    """Signed by each secret, so that a receiver may know the old one or the new one."""
    from standardwebhooks import Webhook as Signer  # An extra: who has no webhooks need not install it.

    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "user-agent": f"agno-temporal/{version('agno-temporal')}",
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(notice.id, now, body) for secret in secrets),
    }


async def send(endpoint: Webhook, notice: Notice) -> int:
    """Returns the status of the answer.

    Raises:
        NotTaken: There was none, or the endpoint may not be reached.
    """
    import httpx  # Loaded with the first delivery (`webhooks.endpoints`).

    try:
        async with asyncio.timeout(endpoint.timeout):
            return await _posted(endpoint, notice)
    except (TimeoutError, httpx.TimeoutException):
        raise NotTaken(f"no answer within {endpoint.timeout:g} s") from None
    except TargetRefused as error:
        raise NotTaken(str(error)) from None
    except (httpx.HTTPError, OSError) as error:
        raise NotTaken(f"{type(error).__name__}: {error}".rstrip(": ")[:MAX_WHY]) from None


async def _posted(endpoint: Webhook, notice: Notice) -> int:
    import httpx

    url, host = endpoint.target, endpoint.target.raw_host.decode()
    port = url.port or (443 if url.scheme == "https" else 80)
    body = body_of(notice)
    headers = {**headers_of(notice, body, endpoint.secrets), "host": url.netloc.decode()}
    addresses = await resolved(host, port, endpoint.networks)
    # An address that lets packets vanish must leave time for the next one.
    timeout = httpx.Timeout(endpoint.timeout, connect=endpoint.timeout / max(1, len(addresses)))
    # No connection is kept: two names may share an address, and must not share what was agreed on with one of them.
    async with httpx.AsyncHTTPTransport(verify=endpoint.certificates, trust_env=False) as transport:
        for address in addresses:
            request = httpx.Request(
                "POST",
                url.copy_with(host=address),
                headers=headers,
                content=body.encode(),
                extensions={"sni_hostname": host, "timeout": timeout.as_dict()},
            )
            try:
                response = await transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                await response.aclose()
                return response.status_code
    raise NotTaken("its name has no address")
