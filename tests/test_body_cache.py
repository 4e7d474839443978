"""The bodies that a worker keeps: found by run, activity and digest, the least recently used ones gone first."""

from __future__ import annotations

from agno_temporal.activities.cache import BodyCache
from agno_temporal.contract.outputs import DIGEST_LENGTH

DIGEST = "0123456789abcdef" * 4


def test_a_body_is_found_by_the_beginning_of_its_digest() -> None:
    cache = BodyCache()
    cache.put("run", "0#1", DIGEST, "body", 6)
    assert cache.get("run", "0#1", DIGEST[:DIGEST_LENGTH]) == "body"


def test_what_two_attempts_returned_is_told_apart() -> None:
    cache = BodyCache()
    cache.put("run", "0#1", "a" * 64, "of the first", 14)
    cache.put("run", "0#1", "b" * 64, "of the second", 15)
    assert cache.get("run", "0#1", "b" * 64) == "of the second"
    assert cache.get("run", "0#1", "c" * 64) is None


def test_another_run_has_none_of_it() -> None:
    cache = BodyCache()
    cache.put("run", "0#1", DIGEST, "body", 6)
    assert cache.get("another", "0#1", DIGEST) is None


def test_the_least_recently_used_body_makes_room() -> None:
    cache = BodyCache(limit=10)
    cache.put("run", "0#1", DIGEST, "first", 4)
    cache.put("run", "1#1", DIGEST, "second", 4)
    cache.get("run", "0#1", DIGEST)
    cache.put("run", "2#1", DIGEST, "third", 4)
    found = [cache.get("run", f"{number}#1", DIGEST) for number in range(3)]
    assert found == ["first", None, "third"]


def test_a_body_that_is_put_again_counts_once() -> None:
    cache = BodyCache(limit=10)
    cache.put("run", "0#1", DIGEST, "first", 4)
    cache.put("run", "1#1", DIGEST, "second", 4)
    cache.put("run", "1#1", DIGEST, "second", 4)
    assert cache.get("run", "0#1", DIGEST) == "first"


def test_a_body_larger_than_the_cache_is_not_kept_and_drives_out_nothing() -> None:
    cache = BodyCache(limit=10)
    cache.put("run", "0#1", DIGEST, "first", 4)
    cache.put("run", "1#1", DIGEST, "large", 11)
    assert cache.get("run", "1#1", DIGEST) is None
    assert cache.get("run", "0#1", DIGEST) == "first"
