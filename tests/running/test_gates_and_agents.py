"""What a human gives reaches the agent in agno's own words, and only the agent that it was given to.

agno appends it to the message (agno/workflow/step.py:1211-1272). Prompts are written against these lines, so that they
are pinned here to the character. On one point agno forgets: a reviewed step that runs again no longer gets what was
filled in before it (agno-semantics D13).
"""

from __future__ import annotations

from typing import Any

import pytest
from agno.agent import Agent
from agno.models.response import ModelResponse
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.hitl import Action, Decision
from examples.scripted_model import ScriptedModel
from tests.running.scenes import PLACES, everywhere, nested
from tests.running.tools import confirm, edit, fill_in, reject
from tests.support import Bench

HEARD: dict[str, list[str]] = {}
"""What each agent was told, by its name. agno copies models, so that they cannot keep it themselves."""

FORM = [
    {"name": "region", "field_type": "str", "required": True},
    {"name": "copies", "field_type": "int", "required": True},
]


class Listener(ScriptedModel):
    def invoke(self, messages: list[Any], **options: Any) -> ModelResponse:
        heard = HEARD.setdefault(self.task, [])
        heard.append(messages[-1].get_content_string())
        return ModelResponse(role="assistant", content=f"{self.task} said {len(heard)}")


@pytest.fixture(autouse=True)
def heard() -> dict[str, list[str]]:
    HEARD.clear()
    return HEARD


def agent(name: str, **review: Any) -> Step:
    step_agent = Agent(name=name, model=Listener(task=name), telemetry=False)
    return Step(name=name, agent=step_agent, human_review=HumanReview(**review) if review else None)


@everywhere
async def test_what_was_filled_in_is_told_as_user_preferences(bench: Bench, heard, place: str) -> None:
    gate = agent("gate", requires_user_input=True, user_input_schema=FORM)
    workflow = Workflow(name="form", steps=[agent("first"), PLACES[place](gate), agent("last")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, fill_in(asked, copies=2, region="us"))
        await bench.ended(run_id)

    assert heard["gate"] == ["first said 1\n\nUser preferences:\n- region: us\n- copies: 2"]
    assert heard["first"] == ["sales"]
    assert "User preferences" not in heard["last"][0]


async def test_a_rejected_output_is_told_with_the_feedback(bench: Bench, heard) -> None:
    workflow = Workflow(name="review", steps=[agent("gate", requires_output_review=True, on_reject="retry")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked, feedback="shorter"))
        await bench.paused(run_id)

    assert heard["gate"] == [
        "sales",
        "sales\n\nYour previous output:\ngate said 1\n\nFeedback from reviewer:\nshorter",
    ]


async def test_without_feedback_only_the_output_is_told(bench: Bench, heard) -> None:
    workflow = Workflow(name="review", steps=[agent("gate", requires_output_review=True, on_reject="retry")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked))
        await bench.paused(run_id)

    assert heard["gate"][1] == "sales\n\nYour previous output:\ngate said 1"


async def test_each_rejection_tells_the_output_and_feedback_before_it(bench: Bench, heard) -> None:
    workflow = Workflow(name="review", steps=[agent("gate", requires_output_review=True, on_reject="retry")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        for feedback in ("shorter", "longer"):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, reject(asked, feedback=feedback))
        await bench.paused(run_id)

    assert heard["gate"][2] == "sales\n\nYour previous output:\ngate said 2\n\nFeedback from reviewer:\nlonger"


async def test_what_was_filled_in_is_told_again_when_the_output_is_made_again(bench: Bench, heard) -> None:
    review = {"requires_user_input": True, "user_input_schema": FORM, "requires_output_review": True}
    workflow = Workflow(name="both", steps=[agent("gate", on_reject="retry", **review)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [form] = await bench.paused(run_id)
        await bench.runs.decide(run_id, fill_in(form, region="us", copies=2))
        [output] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(output, feedback="shorter"))
        await bench.paused(run_id)

    assert heard["gate"][1] == (
        "sales\n\nUser preferences:\n- region: us\n- copies: 2"
        "\n\nYour previous output:\ngate said 1\n\nFeedback from reviewer:\nshorter"
    )


async def test_the_feedback_on_a_confirmation_is_not_told_to_the_agent(bench: Bench, heard) -> None:
    """It is said to whoever is asked next; the step has produced nothing yet."""
    workflow = Workflow(name="gate", steps=[agent("gate", requires_confirmation=True, on_reject="retry")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(first, feedback="not yet"))
        [second] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(second))
        await bench.ended(run_id)

    assert heard["gate"] == ["sales"]


async def test_an_edited_output_is_what_the_next_agent_is_told(bench: Bench, heard) -> None:
    workflow = Workflow(name="edit", steps=[agent("gate", requires_output_review=True), agent("last")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, edit(asked, "as edited"))
        await bench.ended(run_id)

    assert heard["last"] == ["as edited"]


async def test_what_was_filled_in_in_one_iteration_is_not_told_in_the_next(bench: Bench, heard) -> None:
    gate = agent("gate", requires_user_input=True, user_input_schema=FORM)
    workflow = Workflow(name="rounds", steps=[Loop(name="loop", steps=[gate], max_iterations=2)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        for region in ("us", "eu"):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, fill_in(asked, region=region, copies=1))
        await bench.ended(run_id)

    assert [message.count("region") for message in heard["gate"]] == [1, 1]
    assert "- region: eu" in heard["gate"][1]


async def test_two_forms_of_a_parallel_reach_their_own_agents(bench: Bench, heard) -> None:
    form = {"requires_user_input": True, "user_input_schema": FORM}
    branches = Parallel(agent("left", **form), nested("box", agent("right", **form)), name="both")
    workflow = Workflow(name="two", steps=[branches])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        left, right = await bench.paused(run_id)
        await bench.runs.decide(run_id, fill_in(right, region="eu", copies=2))
        await bench.runs.decide(run_id, fill_in(left, region="us", copies=1))
        await bench.ended(run_id)

    assert heard["left"] == ["sales\n\nUser preferences:\n- region: us\n- copies: 1"]
    assert heard["right"] == ["sales\n\nUser preferences:\n- region: eu\n- copies: 2"]


async def test_a_form_without_fields_tells_whatever_was_given(bench: Bench, heard) -> None:
    workflow = Workflow(name="free", steps=[agent("gate", requires_user_input=True)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "sales")
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.INPUT, values={"tone": "calm"}))
        await bench.ended(run_id)

    assert heard["gate"] == ["sales\n\nUser preferences:\n- tone: calm"]
