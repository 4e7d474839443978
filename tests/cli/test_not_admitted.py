"""A server that answers, and takes no connection with these credentials or certificates: which, and what to do.

The texts are those of temporalio 1.35.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.connect.unconnected import CannotConnect, NotAdmitted, unconnected
from tests.cli.conftest import Cli
from tests.operations.page import Section
from tests.webhooks.test_certificates import certificate

TRANSPORT = "Failed client connect: Server connection error: tonic::transport::Error(Transport, {})"
CALL = "Failed client connect: `get_system_info` call error after connection: Status {{ {} }}"
ANSWER = 'code: {}, message: "{}", metadata: MetadataMap {{ headers: {{"content-type": "a"}} }}, source: None'


def invalid(what: str) -> str:
    return TRANSPORT.format(f"ConnectError(Custom {{ kind: InvalidData, error: {what} }})")


def hyper(what: str) -> str:
    source = f"source: Some(tonic::transport::Error(Transport, hyper::Error({what})))"
    return CALL.format(f'code: Unknown, message: "transport error", {source}')


EXPIRED = "InvalidCertificate(ExpiredContext { time: UnixTime(1795945618), not_after: UnixTime(1609459200) })"
NAME = 'InvalidCertificate(NotValidForNameContext { expected: DnsName("other"), presented: ["IpAddress(::1)"] })'


@asynccontextmanager
async def listening(file: Path) -> AsyncIterator[str]:
    """The address of somebody who speaks TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.set_alpn_protocols(["h2"])
    async with await asyncio.start_server(lambda reader, writer: writer.close(), "localhost", 0, ssl=context) as server:
        yield f"localhost:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("text", "why", "do"),
    [
        (invalid(EXPIRED), "its certificate has expired on 2021-01-01", "Renew it there, or set this machine's clock"),
        (invalid("InvalidCertificate(UnknownIssuer)"), "an issuer", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
        (invalid(NAME), "its certificate is not for other", "TEMPORAL_TLS_SERVER_NAME"),
        (invalid("InvalidCertificate(Revoked)"), "(Revoked)", "TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
        (invalid("InvalidMessage(InvalidContentType)"), "no TLS is spoken there", "TEMPORAL_TLS=false"),
        (invalid("AlertReceived(CertificateRequired)"), "(CertificateRequired)", "TEMPORAL_TLS_CLIENT_CERT_PATH"),
        (TRANSPORT.format("InconsistentKeys(KeyMismatch)"), "is not of its key", "TEMPORAL_TLS_CLIENT_KEY_PATH"),
        (TRANSPORT.format("PrivateKeyParseError"), "or its key is none", "TEMPORAL_TLS_CLIENT_KEY_PATH"),
        (CALL.format(ANSWER.format("Unauthenticated", "Who?")), "these credentials: Who?", "TEMPORAL_API_KEY"),
        (CALL.format(ANSWER.format("PermissionDenied", "Not you.")), "these credentials: Not you.", "TEMPORAL_API_KEY"),
    ],
)
def test_what_no_start_mends_names_the_setting(text: str, why: str, do: str) -> None:
    error = unconnected(text, "there:7233")
    assert isinstance(error, NotAdmitted)
    assert "at there:7233" in str(error)
    assert why in str(error)
    assert do in str(error)
    assert error.command is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CALL.format(ANSWER.format("Unavailable", "upstream gone")),
            "does not serve: upstream gone. Look at it",
        ),
        (hyper('Io, Custom { kind: BrokenPipe, error: "stream closed" }'), "does it want TLS (TEMPORAL_TLS=true)"),
        (hyper('Http2, Error { kind: GoAway(b"", FRAME_SIZE_ERROR, Library) }'), "Is it Temporal's port"),
        (TRANSPORT.format("ConnectError(H2NotNegotiated)"), "does not answer as Temporal does"),
    ],
)
def test_somebody_who_answers_otherwise_is_not_to_be_started(text: str, said: str) -> None:
    error = unconnected(text, "there:7233")
    assert not isinstance(error, NotAdmitted)
    assert said in str(error)
    assert error.command is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TRANSPORT.format('ConnectError(Os { code: 111, message: "Connection refused" })'), "Connection refused"),
        (
            CALL.format('code: Cancelled, message: "Timeout expired", source: Some(TimeoutExpired(()))'),
            "Timeout expired",
        ),
        ("word " * 100, "word ..."),
    ],
)
def test_where_nobody_answers_a_server_is_to_be_started(text: str, reason: str) -> None:
    error = unconnected(text, "there:7233")
    assert type(error) is CannotConnect
    assert str(error).startswith("No Temporal server answers at there:7233: ")
    assert f"{reason}. Start one (`agno-temporal dev`" in str(error)
    assert error.command == "agno-temporal dev app.py"


@pytest.mark.parametrize(
    ("name", "left", "trusted", "why"),
    [
        ("localhost", timedelta(hours=-1), True, "its certificate has expired on 20"),
        ("localhost", timedelta(days=1), False, "is of an issuer that this machine does not know"),
        ("other.example.org", timedelta(days=1), True, "its certificate is not for localhost"),
    ],
)
async def test_a_certificate_that_is_not_to_be_trusted_ends_with_2(
    cli: Cli, tmp_path: Path, name: str, left: timedelta, trusted: bool, why: str
) -> None:
    file = certificate(name, tmp_path, left)
    cli.environment |= {"TEMPORAL_TLS": "true"} | ({"TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(file)} if trusted else {})
    async with listening(file) as address:
        said = await cli.refused(2, "runs", "--address", address)
        doctor = await cli("doctor", "--address", address)
    assert why in said
    assert doctor.exit_code == 2
    assert "agno-temporal dev" not in said + doctor.stdout
    page = Section("Temporal does not take the credentials or a certificate")
    page.shows("cannot be trusted, or does not trust: ", said)


async def test_tls_to_a_server_that_speaks_none_ends_with_2(cli: Cli) -> None:
    cli.environment["TEMPORAL_TLS"] = "true"
    assert "no TLS is spoken there. Turn it off here" in await cli.refused(2, "runs")


async def test_credentials_that_are_refused_only_with_the_namespace_end_with_2(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal Cloud lets anybody ask for the system's info."""

    async def refused(self: object, request: DescribeNamespaceRequest, **options: object) -> None:
        raise RPCError("Request unauthorized.", RPCStatusCode.PERMISSION_DENIED, b"")

    monkeypatch.setattr("temporalio.bridge.services_generated.WorkflowService.describe_namespace", refused)
    said = await cli.refused(2, "runs")
    Section("Temporal does not take the credentials or a certificate").shows("does not take these credentials", said)
    assert "TEMPORAL_API_KEY" in said


async def test_a_doctor_has_the_command_that_creates_a_namespace(cli: Cli) -> None:
    found = await cli("doctor", "--namespace", "moon")
    assert found.exit_code == 3
    assert "  temporal operator namespace create -n moon\n" in found.stdout
    assert "agno-temporal dev" not in found.stdout
