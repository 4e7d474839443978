"""Errors that a caller may hear come through a pool of processes as they were raised."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput

import agno_temporal
from agno_temporal import client, connect, durable, follow
from agno_temporal.agno_bridge import values
from agno_temporal.agno_bridge.refusals import PlanError, Problem
from agno_temporal.agno_bridge.values import MalformedValue, NotSerialisable, TypeNotLoaded
from agno_temporal.client import DecisionRefused, RunError, RunPutBack
from agno_temporal.durable.forgetting import SessionElsewhere, SessionHasGrown, SessionInUse, SessionShared
from agno_temporal.follow.asking import AnswerTooLarge
from agno_temporal.follow.blocked import Blocked
from agno_temporal.follow.errors import Locked
from agno_temporal.follow.mending import NothingBlocked, StepNotBlocked
from agno_temporal.hitl import Refusal, RefusalCode

WITH_MORE_THAN_A_TEXT = {
    type(one): one
    for one in (
        AnswerTooLarge("r-1", "run_output"),
        DecisionRefused(Refusal(RefusalCode.EXPIRED, "It is too late.", deadline=5.0)),
        Locked("r-1", "It is encrypted with key 'old'."),
        MalformedValue("set", "no list"),
        NotSerialisable("content.items[3]", "Lock", "Return a reference."),
        NothingBlocked("Nothing is.", [Blocked("2", "no body", 3)]),
        PlanError([Problem("release", "is wrong", "2", "deploy")]),
        RunError(WorkflowRunOutput(run_id="r-1", content="It broke.", status=RunStatus.error), "OutputTooLarge"),
        RunPutBack("r-1"),
        SessionInUse("s-1", ["r-1", "r-2"]),
        SessionHasGrown("s-1", ["r-3"]),
        SessionElsewhere("s-1", {"r-1": "queue"}),
        SessionShared("s-1", ["other"]),
        StepNotBlocked("That one is not.", [Blocked("2", "no body", 3)]),
        TypeNotLoaded("app", "Order"),
    )
}


def _public() -> Iterator[type[BaseException]]:
    """The errors that the package names, and those of the rooms that callers import from."""
    named = [getattr(module, name) for module in (agno_temporal, values) for name in module.__all__]
    for room in (client, connect, durable, follow):
        for place in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
            module = importlib.import_module(place.name)
            named += [one for one in vars(module).values() if getattr(one, "__module__", None) == place.name]
    return (one for one in named if isinstance(one, type) and issubclass(one, BaseException))


@pytest.mark.parametrize("way", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy], ids=["pickle", "copy"])
@pytest.mark.parametrize("cls", sorted(set(_public()), key=str), ids=lambda cls: cls.__name__)
def test_an_error_that_was_copied_says_and_holds_what_it_did(cls, way):
    error = WITH_MORE_THAN_A_TEXT.get(cls) or cls("What, and what to do.")

    copied = way(error)

    assert type(copied) is cls
    assert (str(copied), copied.args) == (str(error), error.args)
    assert vars(copied) == vars(error)


def test_a_copied_error_keeps_the_notes_that_were_added_to_it():
    error = RunPutBack("r-1")
    error.add_note("Seen while following.")

    assert pickle.loads(pickle.dumps(error)).__notes__ == ["Seen while following."]
