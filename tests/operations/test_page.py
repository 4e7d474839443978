"""docs/operations.md and the tests keep to each other: no situation without a test, and both say what to do."""

from __future__ import annotations

import re

import pytest

from agno_temporal.api.problems import TITLES
from tests.docs_blocks.pages import ROOT
from tests.operations.page import sections
from tests.operations.situations import SITUATIONS

TEXTS = sections()


def test_every_situation_of_the_page_is_tested_and_every_tested_one_is_on_it() -> None:
    assert list(TEXTS) == list(SITUATIONS)


@pytest.mark.parametrize("heading", TEXTS)
def test_every_situation_says_what_is_seen_and_what_to_do(heading: str) -> None:
    assert re.fullmatch(r"\s*\*\*Seen\.\*\* .+\n\n\*\*Do\.\*\* .+", TEXTS[heading], flags=re.DOTALL)


@pytest.mark.parametrize("test", sorted({one for many in SITUATIONS.values() for one in many}))
def test_every_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / file).read_text(), flags=re.MULTILINE)


def test_every_problem_that_it_names_is_one() -> None:
    named = {one for text in TEXTS.values() for one in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)}
    assert named - set(TITLES) <= {"agno-temporal"}


def test_the_problems_that_say_that_something_is_down_are_all_on_it() -> None:
    page = " ".join(TEXTS.values())
    for problem in ("temporal-unavailable", "database-unavailable", "no-worker", "outcome-unknown", "not-ready"):
        assert f"`{problem}`" in page
    for problem in ("rate-limited", "too-many-streams", "credentials-unavailable"):
        assert f"`{problem}`" in page


def test_the_settings_that_it_names_are_explained() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text()
    for name in re.findall(r"`((?:AGNO_TEMPORAL|TEMPORAL)_\w+)`", " ".join(TEXTS.values())):
        assert f"`{name}`" in settings, name
