"""Why a connection was not made, by the text of Temporal's error.

The SDK raises one `RuntimeError` for all of it, whose text is the insides of its transport, in Rust (temporalio 1.35).
A server that is away, one that asks for a key, and a certificate that has expired look alike in it. But for the first
one only, something is to be started. The texts that are known are told apart here. Any other is that of a server that
does not answer.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agno_temporal.connect.bad_setting import BadSetting

CLIENT: Final = "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH"


class CannotConnect(ConnectionError):
    """No Temporal server answers, or not to us. The message says where it was looked for, and what to do.

    Attributes:
        command: What mends it, where one command does.
    """

    def __init__(self, said: str, command: str | None = None) -> None:
        super().__init__(said)
        self.command = command


class NotAdmitted(CannotConnect, BadSetting):
    """A server answers, and takes no connection with these credentials or certificates. To try again is no use."""


@dataclass(frozen=True)
class _Tls:
    """What TLS can fail by.

    Attributes:
        text: What Temporal's error has.
        why: What it means.
        do: What mends it.
    """

    text: str
    why: str
    do: str


_TLS: Final = (
    _Tls(
        r"InvalidCertificate\(Expired(?:.*not_after: UnixTime\((\d+)\))?",
        "its certificate has expired{since}",
        "Renew it there, or set this machine's clock",
    ),
    _Tls(r"InvalidCertificate\(NotValidYet", "its certificate is not valid yet", "Set this machine's clock"),
    _Tls(
        r"InvalidCertificate\(UnknownIssuer",
        "its certificate is of an issuer that this machine does not know",
        "Name the issuer's certificate: TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    ),
    _Tls(
        r"InvalidCertificate\(NotValidForName(?:Context { expected: \w+\(\"?([^\")]+))?",
        "its certificate is not for {found}",
        "Name the one that it is for: TEMPORAL_TLS_SERVER_NAME, or --address and TEMPORAL_ADDRESS",
    ),
    _Tls(
        r"InvalidCertificate\((\w+)",
        "its certificate is not to be trusted ({found})",
        "Mend it there, or name its issuer's: TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    ),
    _Tls(r"InconsistentKeys", "the client certificate is not of its key", f"Mend {CLIENT}"),
    _Tls(r"PrivateKeyParseError|CertificateParseError", "the client certificate or its key is none", f"Mend {CLIENT}"),
    _Tls(
        r"AlertReceived\((\w+)|fatal alert: (\w+)",
        "it does not take the client certificate, or wants one ({found})",
        f"Mend {CLIENT}",
    ),
    _Tls(
        r"InvalidMessage",
        "no TLS is spoken there",
        "Turn it off here (TEMPORAL_TLS=false; a TEMPORAL_API_KEY or another TEMPORAL_TLS_... turns it on), or name "
        "another with --address or TEMPORAL_ADDRESS",
    ),
)  # fmt: skip


def unconnected(text: str, target: str) -> CannotConnect:
    """What is raised for Temporal's error of this text."""
    for known in _TLS:
        if (found := re.search(known.text, text)) is not None:
            detail = next((one for one in found.groups() if one), "")
            why = known.why.format(found=detail or "this name", since=_since(detail))
            return NotAdmitted(f"Temporal at {target} cannot be trusted, or does not trust: {why}. {known.do}.")
    if (answered := re.search(r'Status { code: (\w+), message: "((?:[^"\\]|\\.)*)".*source: None', text)) is not None:
        code, message = answered.groups()
        if code in ("Unauthenticated", "PermissionDenied"):
            return not_admitted(message, target)
        return CannotConnect(f"Temporal at {target} does not serve: {message or code}. Look at it there.")
    if re.search(r"hyper::Error\(|tls handshake eof|H2NotNegotiated|kind: ConnectionReset", text):
        return CannotConnect(
            f"What listens at {target} does not answer as Temporal does. Is it Temporal's port (--address, "
            f"TEMPORAL_ADDRESS), does it want TLS (TEMPORAL_TLS=true), or a client certificate ({CLIENT})?"
        )
    return CannotConnect(
        f"No Temporal server answers at {target}: {_reason(text)}. Start one (`agno-temporal dev`, or `temporal server "
        "start-dev`), or name another with --address or TEMPORAL_ADDRESS.",
        "agno-temporal dev app.py",
    )


def not_admitted(said: str, target: str) -> NotAdmitted:
    """What is raised where a server says that it does not know who calls, or that this caller may not."""
    said = said.rstrip(".") or "they are refused"
    return NotAdmitted(
        f"Temporal at {target} does not take these credentials: {said}. Mend TEMPORAL_API_KEY, or {CLIENT}; or "
        "name the namespace that they are for with --namespace or TEMPORAL_NAMESPACE."
    )


def _since(moment: str) -> str:
    return f" on {datetime.fromtimestamp(int(moment), UTC):%Y-%m-%d}" if moment.isdecimal() else ""


def _reason(text: str) -> str:
    """What a person can read of it."""
    said = re.findall(r'(?:message|error): "([^"]+)"', text)
    return said[-1] if said else textwrap.shorten(text, 200, placeholder=" ...")
