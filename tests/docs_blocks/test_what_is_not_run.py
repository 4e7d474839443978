"""The blocks that are not run, each with its reason. The list is exact: one more is a decision, made here."""

from __future__ import annotations

from collections import Counter

from tests.docs_blocks.pages import PAGES, blocks, name

REASONS = {
    "containers": "needs a container engine; `tests/deployment` runs the same processes without one",
    "make": "takes minutes, and runs these tests too; `.ci/run` runs it",
    "install": "would install this package from a registry, over the one under test",
}

NOT_RUN = {
    ("README.md", "install"): 1,
    ("README.md", "make"): 2,
    ("docs/deployment.md", "containers"): 2,
    ("docs/performance.md", "make"): 1,
    ("docs/reliability.md", "make"): 1,
    ("docs/webhooks.md", "install"): 1,
}


def test_blocks_that_are_not_run_are_listed() -> None:
    found = Counter((name(page), block.reason) for page in PAGES for block in blocks(page) if block.reason is not None)
    assert found == NOT_RUN


def test_every_reason_is_explained() -> None:
    assert {reason for _, reason in NOT_RUN} == set(REASONS)


def test_what_is_no_code_holds_no_commands() -> None:
    texts = [block for page in PAGES for block in blocks(page) if block.language == "text"]
    assert {name(block.page) for block in texts} <= {"docs/design.md"}
