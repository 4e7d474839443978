"""Settings of the API: what each means, and that a wrong one refuses to start."""

from __future__ import annotations

import errno
import ipaddress
import os
from pathlib import Path

import pytest

from agno_temporal.api.access import Limited
from agno_temporal.api.guarding import who_may_call
from agno_temporal.api.local import Open
from agno_temporal.api.principals import Scope
from agno_temporal.api.settings import VARIABLES, ApiSettings, settings_from
from agno_temporal.connect.settings import BadSetting
from tests.api.issuer import Signer, published


def read(**values: str) -> ApiSettings:
    return settings_from({VARIABLES + name: value for name, value in values.items()})


TOKENS = {"JWT_ISSUER": "https://i.example.org", "JWT_AUDIENCE": "agno", "JWT_KEYS": "https://i.example.org/keys"}


def test_without_any_only_this_machine_may_call():
    settings = settings_from({"AGNO_TEMPORAL_TASK_QUEUE": "queue", "HOME": "/root"})
    assert settings == ApiSettings()
    assert isinstance(settings.access(None), Open)
    assert "only this machine" in who_may_call(settings)


def test_each_is_read_from_the_environment():
    settings = read(
        **TOKENS,
        KEY_STORE="/keys",
        JWT_ALGORITHMS="ES256, RS256",
        JWT_LEEWAY="5",
        JWT_USER_CLAIM="employee",
        JWT_SCOPES="releases:approve=decide, staff=admin",
        ISOLATION="true",
        CORS_ORIGINS="https://app.example.org,http://localhost:3000",
        TRUSTED_PROXIES="10.0.0.0/8, ::1",
        RATE="2.5",
        BURST="7",
        STREAMS="9",
        DRAIN="5",
    )
    assert settings == ApiSettings(
        key_store="/keys",
        jwt_issuer="https://i.example.org",
        jwt_audience=("agno",),
        jwt_keys="https://i.example.org/keys",
        jwt_algorithms=("ES256", "RS256"),
        jwt_leeway=5.0,
        jwt_user_claim="employee",
        jwt_scopes=(("releases:approve", Scope.DECIDE), ("staff", Scope.ADMIN)),
        isolation=True,
        cors_origins=("https://app.example.org", "http://localhost:3000"),
        trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1")),
        rate=2.5,
        burst=7,
        streams=9,
        drain=5.0,
    )
    assert isinstance(settings.access(None), Limited)
    assert who_may_call(settings) == "The API takes API keys and tokens, and shows each user their own runs."


def test_what_is_given_goes_before_the_environment():
    assert settings_from({VARIABLES + "KEY_STORE": "/there"}, key_store="/here", isolation=None).key_store == "/here"


def test_what_a_caller_needs_is_no_setting_of_the_server():
    assert read(URL="https://api.example.org", KEY="agt_secret") == ApiSettings()


LINKS = {
    "SERVICE_HOST": "10.0.0.1",
    "SERVICE_PORT": "7777",
    "SERVICE_PORT_HTTP": "7777",
    "PORT": "tcp://10.0.0.1:7777",
    "PORT_7777_TCP": "tcp://10.0.0.1:7777",
    "PORT_7777_TCP_PROTO": "tcp",
    "PORT_7777_TCP_PORT": "7777",
    "PORT_7777_TCP_ADDR": "10.0.0.1",
}
"""What Kubernetes puts into every pod beside a Service that is named agno-temporal-api."""


def test_a_service_of_kubernetes_that_is_named_as_the_api_is_none_of_its_settings():
    assert read(**LINKS) == ApiSettings()


def test_nor_is_one_that_has_an_address_of_the_sixth_version_or_a_longer_name():
    sixth = {"SERVICE_HOST": "fd00::1", "PORT": "udp://[fd00::1]:53", "PORT_53_UDP_ADDR": "fd00::1"}
    assert read(**sixth, **{f"STREAMS_{name}": value for name, value in LINKS.items()}) == ApiSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "7777"), ("SERVICE_HOST", "true"), ("SERVICE_PORTS", "7777"), ("PORT_7777", "tcp://10.0.0.1:7777")],
)
def test_a_misspelt_setting_is_not_taken_for_one(name: str, value: str):
    with pytest.raises(BadSetting, match="is no setting"):
        read(**{name: value})


WRONG = {
    "ISOLATIONS": "true",
    "KEYS": "agt_secret",
    "ISOLATION": "perhaps",
    "CORS_ORIGINS": "*",
    "TRUSTED_PROXIES": "10.0.0.0/99",
    "RATE": "0",
    "BURST": "many",
    "STREAMS": "0",
    "DRAIN": "-1",
    "JWT_SCOPES": "staff=boss",
    "JWT_LEEWAY": "-1",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_or_name_refuses_to_start_and_is_named(name: str):
    with pytest.raises(BadSetting, match=VARIABLES + name):
        read(**{name: WRONG[name]})


@pytest.mark.parametrize(
    "origin",
    [
        "https://App.example.org",
        "https://app.example.org:443",
        "http://app.example.org:80",
        "https://app.example.org/",
        "https://ana@app.example.org",
        "app.example.org",
        "https://[::1",
        "https://app.example.org:none",
        "https://büro.example.org",
        "https://app example.org",
    ],
)
def test_an_origin_that_no_browser_sends_refuses_to_start(origin: str):
    with pytest.raises(BadSetting, match="CORS_ORIGINS"):
        read(CORS_ORIGINS=origin)


@pytest.mark.parametrize("pattern", ["*", "http://*.example", "https://app.example.org:*"])
def test_a_pattern_of_origins_matches_none_and_is_refused_with_what_to_write(pattern: str):
    said = r"is a pattern\. Write each origin by itself: https://a"
    with pytest.raises(BadSetting, match=f"CORS_ORIGINS.*{said}"):
        read(CORS_ORIGINS=pattern)
    with pytest.raises(ValueError, match=said):
        Open([pattern])


def test_an_origin_may_have_a_port_and_a_numeric_address():
    assert read(CORS_ORIGINS="https://app.example.org:8443, http://[::1]:3000").cors_origins == (
        "https://app.example.org:8443",
        "http://[::1]:3000",
    )


def test_a_word_of_a_token_allows_one_scope():
    with pytest.raises(BadSetting, match="twice"):
        read(JWT_SCOPES="staff=read, staff=decide")


def test_a_secret_under_a_wrong_name_is_not_repeated():
    with pytest.raises(BadSetting) as refused:
        read(KEYS="agt_secret")
    assert "agt_secret" not in str(refused.value)


@pytest.mark.parametrize("missing", TOKENS)
def test_half_a_rule_for_tokens_is_none(missing: str):
    with pytest.raises(BadSetting, match=missing):
        read(**{name: value for name, value in TOKENS.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [("JWT_ALGORITHMS", "ES256"), ("JWT_LEEWAY", "5"), ("JWT_USER_CLAIM", "employee"), ("JWT_SCOPES", "staff=admin")],
)
def test_a_rule_for_tokens_that_nobody_signs_is_refused(name: str, value: str):
    with pytest.raises(BadSetting, match=f"{VARIABLES}{name} .*{VARIABLES}JWT_ISSUER"):
        read(KEY_STORE="/keys", **{name: value})


def test_isolation_needs_somebody_who_is_somebody():
    with pytest.raises(BadSetting, match="ISOLATION"):
        read(ISOLATION="yes")


def test_a_burst_of_nothing_is_refused():
    with pytest.raises(BadSetting, match="BURST"):
        read(KEY_STORE="/keys", BURST="0")


@pytest.mark.parametrize(
    "change",
    [{"JWT_ALGORITHMS": "HS256"}, {"JWT_ALGORITHMS": "none"}, {"JWT_LEEWAY": "900"}, {"JWT_KEYS": "nowhere"}],
)
def test_rules_for_tokens_that_prove_nothing_refuse_to_start(change: dict[str, str]):
    with pytest.raises(BadSetting):
        read(**{**TOKENS, **change}).access(None)


def test_keys_in_a_database_that_is_not_there_refuse_to_start():
    with pytest.raises(BadSetting, match="no database"):
        read(KEY_STORE="database").access(None)


@pytest.mark.parametrize("place", ["/etc/passwd", "/etc/passwd/keys"])
def test_keys_in_what_is_no_directory_refuse_to_start(place: str):
    with pytest.raises(BadSetting, match=f"{place}: Not a directory.*KEY_STORE"):
        read(KEY_STORE=place).access(None)


def test_a_directory_of_keys_that_may_not_be_read_refuses_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(BadSetting, match=f"{tmp_path}: Permission denied"):
        read(KEY_STORE=str(tmp_path)).access(None)


def refused(place: Path) -> None:
    """What a directory of others says to anybody but root."""
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


def test_a_directory_of_keys_that_is_not_there_is_told_with_what_makes_it(caplog: pytest.LogCaptureFixture):
    read(KEY_STORE="databse").access(None)
    [told] = caplog.messages
    assert f"There is no directory {Path('databse').absolute()}" in told
    assert "'database' is the workflows' own" in told
    assert f"agno-temporal keys create NAME --scope read --store {Path('databse').absolute()}" in told


def test_keys_of_tokens_may_be_in_a_file(tmp_path: Path):
    (tmp_path / "jwks.json").write_bytes(published(Signer("one", "ES256")))
    assert read(**{**TOKENS, "JWT_KEYS": str(tmp_path / "jwks.json")}).access(None)
