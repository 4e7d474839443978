"""API keys: their form, what is kept of one, and when it counts."""

from __future__ import annotations

import hashlib
import re
import time

import pytest

from agno_temporal.api.keys import ApiKey, BadKey, id_of, new_key
from agno_temporal.api.principals import Principal, Scope

NOW = time.time()
READ = [Scope.READ]


def test_a_key_shows_its_id_and_hides_256_bits():
    key, token = new_key("ci", READ, NOW)
    assert re.fullmatch(r"agt_[a-z2-7]{12}_[a-z2-7]{52}", token)
    assert id_of(token) == key.id
    assert len(token) <= 80


def test_what_is_kept_of_a_key_is_only_its_digest():
    key, token = new_key("ci", READ, NOW)
    assert key.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token.rpartition("_")[2] not in repr(key)


def test_a_key_with_the_secret_of_another_is_neither():
    (one, first), (other, second) = new_key("one", READ, NOW), new_key("other", READ, NOW)
    mixed = first[:17] + second[17:]
    assert id_of(mixed) == one.id
    assert not one.is_of(mixed)
    assert not other.is_of(mixed)
    assert one.is_of(first)


@pytest.mark.parametrize("text", ["", "agt_", "agt__", "agt_abc_def", "AGT_" + "a" * 12 + "_" + "a" * 52, "é" * 69])
def test_what_has_not_the_form_of_a_key_is_none(text: str):
    assert id_of(text) is None
    assert id_of(new_key("ci", READ, NOW)[1] + text + "x") is None


def test_the_principal_of_a_key_is_its_name_and_user():
    key, _ = new_key("ci", [Scope.RUN, Scope.READ], NOW, user_id="ana")
    assert key.principal == Principal("key:ci", frozenset({Scope.RUN, Scope.READ}), "ana")


@pytest.mark.parametrize("name", ["", " ", "a b", "system:timer", "key:ci", "-x", "x" * 65, "n\u00e4me", "a\n"])
def test_a_name_that_could_be_taken_for_another_is_refused(name: str):
    with pytest.raises(BadKey, match="name"):
        new_key(name, READ, NOW)


def test_a_key_without_scopes_is_refused():
    with pytest.raises(BadKey, match="read, run, decide, admin"):
        new_key("ci", [], NOW)


def test_a_key_ends_when_it_says():
    key, _ = new_key("ci", READ, NOW, expires_at=NOW + 60)
    assert [key.state(NOW), key.state(NOW + 59), key.state(NOW + 60)] == ["live", "live", "expired"]
    with pytest.raises(BadKey, match="expired before"):
        new_key("ci", READ, NOW, expires_at=NOW)


def test_a_second_key_of_a_name_is_of_the_same_user():
    known = [new_key("ci", READ, NOW, user_id="ana")[0]]
    assert new_key("ci", READ, NOW, user_id="ana", known=known)
    with pytest.raises(BadKey, match=r"user 'ana'.*no user"):
        new_key("ci", READ, NOW, known=known)


def test_the_name_of_a_key_that_has_ended_is_free():
    ended = [ApiKey("a" * 12, "ci", "", frozenset(READ), 0, "ana", revoked_at=1)]
    ended += [ApiKey("b" * 12, "ci", "", frozenset(READ), 0, "bob", expires_at=1)]
    assert new_key("ci", READ, NOW, known=ended)
