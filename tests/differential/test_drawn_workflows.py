"""Any workflow at all: drawn at random, run in agno and here, and the same in everything that is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.client import Client

from agno_temporal.connect.loops import LoopThread
from tests.differential.oracle import Oracle
from tests.differential.specs import Spec, answer_of, build
from tests.differential.strategies import gated_workflows, workflows

Check = Callable[..., None]

# The CEL library raises Python's recursion limit when it is first used.
pytestmark = pytest.mark.filterwarnings("ignore:The recursion limit will not be reset")

PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture(scope="module")
def check(server: str) -> Iterator[Check]:
    """Asks the oracle from a thread: Hypothesis calls a test many times, and no loop of pytest is for that."""
    thread = LoopThread("drawn-workflows")
    client = thread.call(Client.connect(server))

    def agrees(specs: tuple[Spec, ...], db: bool = True) -> None:
        thread.call(Oracle(client, (db,)).agrees(lambda: build(specs), "go", always=answer_of(specs)))

    yield agrees
    thread.stop()


@pytest.mark.slow
@settings(PATIENT, max_examples=60, derandomize=True)
@given(specs=workflows, db=st.booleans())
def test_sixty_workflows_that_are_always_the_same(check: Check, specs: tuple[Spec, ...], db: bool) -> None:
    check(specs, db)


@pytest.mark.slow
@settings(PATIENT, max_examples=40, derandomize=True)
@given(specs=gated_workflows())
def test_forty_workflows_that_ask(check: Check, specs: tuple[Spec, ...]) -> None:
    check(specs)


@pytest.mark.explore
@settings(PATIENT, max_examples=500)
@given(specs=workflows, db=st.booleans())
def test_five_hundred_others_each_time(check: Check, specs: tuple[Spec, ...], db: bool) -> None:
    check(specs, db)


@pytest.mark.explore
@settings(PATIENT, max_examples=300)
@given(specs=gated_workflows())
def test_three_hundred_others_that_ask(check: Check, specs: tuple[Spec, ...]) -> None:
    check(specs)
