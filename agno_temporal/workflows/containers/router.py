"""Router: a sequence that a selector, or a human, picks from its choices (agno/workflow/router.py:952).

A reviewer who sends its output back chooses other routes, also where a selector chose the first ones
(agno/workflow/workflow.py:7216). agno forgets how often that happened, and what was said (docs/differences.md, D17).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agno_temporal.contract.outputs import Group, Output
from agno_temporal.contract.tasks import Extras
from agno_temporal.plan import Call, RouterNode
from agno_temporal.plan.data import Json
from agno_temporal.workflows import calls
from agno_temporal.workflows.admission import admitted, answered, in_form_order
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.questions import Questions, Rejections, names_of
from agno_temporal.workflows.rescue import rescued
from agno_temporal.workflows.review import reviewed
from agno_temporal.workflows.sequence import run_tolerant_chain

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_router(walk: Interpreter, node: RouterNode, frame: Frame) -> Output:
    await admitted(walk, node, frame)

    async def attempt(extras: Extras | None, rejections: Rejections) -> Output:
        selected: tuple[int, ...] | None = None
        if node.review.requires_user_input or rejections.count:
            selected, values = await _chosen(walk, node, frame, rejections)
            extras = replace(extras or Extras(), user_input=values) if values else extras
        told = frame.told(extras)
        if selected is None:
            selected = await rescued(walk, node, frame.guard, frame, lambda: _selected(walk, node, told))
        return await _routed(walk, node, told, selected)

    return await reviewed(walk, node, frame, attempt)


async def _chosen(
    walk: Interpreter, node: RouterNode, frame: Frame, rejections: Rejections
) -> tuple[tuple[int, ...] | None, Json]:
    """The routes that a human chose, and what was filled in beside them. The timer leaves the choice to the selector:
    then there is none."""
    questions, names = Questions(walk.state, node, frame), names_of(node)
    answer = None
    while answer is None:
        answer, rejections = await answered(walk, frame, questions.route(names, rejections), rejections)
    walk.state.mark(node.path, "running")
    values = in_form_order(node.review.user_input_schema, answer.values)
    selected = None if answer.selected is None else tuple(names.index(name) for name in answer.selected)
    return selected, values


async def _selected(walk: Interpreter, node: RouterNode, frame: Frame) -> tuple[int, ...]:
    if node.selector is Call.NONE:
        return ()
    answer = await calls.evaluate(walk.state, node, frame, "selector", node.selector)
    if answer.error is not None:
        raise StepFailed(answer.error, answer.error_type)
    return answer.selected


async def _routed(walk: Interpreter, node: RouterNode, frame: Frame, selected: tuple[int, ...]) -> Output:
    walk.skip(tuple(choice for index, choice in enumerate(node.choices) if index not in selected))
    if not selected:
        content = f"Router {node.name} completed with 0 results (no steps selected)"
        return Group(node.name, node.step_id, "Router", content=content, ran=False)
    steps = tuple(node.choices[index] for index in selected)
    chain = await run_tolerant_chain(walk, steps, frame.sheltered())
    return chain.group(node, "Router", f"Router {node.name} completed with {len(chain.outputs)} results")
