"""A connection goes to an address, and the certificate there has to be the name's."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agno_temporal.webhooks.sending import NotTaken, send
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_targets import NOTICE

LOCAL = ["127.0.0.0/8", "::1/128"]


def certificate(name: str, directory: Path, left: datetime.timedelta = datetime.timedelta(days=1)) -> Path:
    """A file with a key and a certificate for a name, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + left)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
async def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Receiver]:
    """A receiver behind TLS, with a certificate for a name, that is trusted."""
    file = certificate(request.param, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    receiver = Receiver()
    await receiver.up(ssl=context)
    yield receiver
    await receiver.down()


@pytest.mark.parametrize("served", ["localhost"], indirect=True)
async def test_a_certificate_of_the_name_is_accepted(served: Receiver) -> None:
    webhook = served.webhook(url=f"https://localhost:{served.port}/hooks", allow_networks=LOCAL)
    assert await send(webhook, NOTICE) == 204


@pytest.mark.parametrize("served", ["other.example.org"], indirect=True)
async def test_one_of_another_name_is_not(served: Receiver) -> None:
    webhook = served.webhook(url=f"https://localhost:{served.port}/hooks", allow_networks=LOCAL)
    with pytest.raises(NotTaken, match="CERTIFICATE_VERIFY_FAILED"):
        await send(webhook, NOTICE)
    assert served.attempts == []
