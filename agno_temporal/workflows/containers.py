"""agno's containers, each as its `aexecute` runs it without streaming.

Their outputs are made of their children's, and never written to history. The texts are agno's, word for word, because
later steps and users read them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from temporalio import workflow

from agno_temporal.contract.outputs import Group, Made, NestedRun, Output
from agno_temporal.contract.tasks import EndCheck
from agno_temporal.plan import (
    Call,
    ConditionNode,
    LoopNode,
    Node,
    ParallelNode,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
    is_function,
)
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.sequence import Chain, failed_child, run_chain, run_tolerant_chain

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_steps(walk: Interpreter, node: StepsNode, frame: Frame) -> Output:
    """agno/workflow/steps.py:550. A child's failure becomes the container's own output, without its children's."""
    if not node.steps:
        return Made(node.name or "Steps", "No steps to execute")
    try:
        chain = await run_chain(walk, node.steps, frame.inside())
    except StepFailed as error:
        return Made(
            node.name or "Steps",
            f"Steps execution failed: {error.message}",
            success=False,
            error=error.message,
        )
    return _group(node, "Steps", chain, f"Steps {node.name} completed with {len(chain.outputs)} results")


async def run_loop(walk: Interpreter, node: LoopNode, frame: Frame) -> Output:
    """agno/workflow/loop.py:827. Each iteration starts from the loop's own input, or where the last one ended."""
    start = frame.inside()
    outputs: list[Output] = []
    iteration, stopped = 0, False
    while iteration < node.max_iterations:
        iteration += 1
        chain = await run_chain(walk, node.steps, start, _end_check(node, iteration))
        outputs += chain.outputs
        stopped = chain.stopped
        if await _loop_ends(walk, node, frame, chain, iteration) or stopped:
            break
        if node.forward_iteration_output:
            start = chain.frame
    return Group(
        node.name,
        node.step_id,
        "Loop",
        tuple(outputs),
        f"Loop {node.name} completed {iteration} iterations with {len(outputs)} total steps",
        success=all(output.success for output in outputs),
        stop=stopped,
    )


def _end_check(node: LoopNode, iteration: int) -> EndCheck | None:
    """An end condition that the iteration's last step can ask for nothing: no gate may follow that step."""
    last = node.steps[-1] if node.steps else None
    if node.end_condition is not Call.FUNCTION or not isinstance(last, StepNode):
        return None
    if last.review.output_review is not Call.NONE:
        return None
    return EndCheck(node.path, iteration, node.max_iterations)


async def _loop_ends(walk: Interpreter, node: LoopNode, frame: Frame, chain: Chain, iteration: int) -> bool:
    """An end condition that raises does not end the loop, as in agno (agno/workflow/loop.py:340)."""
    if node.end_condition is Call.NONE:
        return False
    if chain.ends_loop is not None:
        return chain.ends_loop
    answer = await calls.evaluate(
        walk.state,
        node,
        frame,
        "end_condition",
        node.end_condition,
        tuple(chain.outputs),
        iteration,
        node.max_iterations,
    )
    return answer.value and answer.error is None


async def run_condition(walk: Interpreter, node: ConditionNode, frame: Frame) -> Output:
    """agno/workflow/condition.py:929."""
    if node.evaluator in (Call.ALWAYS, Call.NEVER):
        met = node.evaluator is Call.ALWAYS
    else:
        answer = await calls.evaluate(walk.state, node, frame, "evaluator", node.evaluator)
        if answer.error is not None:
            raise StepFailed(answer.error, answer.error_type)
        met = answer.value
    if not met and not node.else_steps:
        walk.skip(node.steps)
        content = f"Condition {node.name} not met - skipped {len(node.steps)} steps"
        return Group(node.name, node.step_id, "Condition", content=content, ran=False)
    taken, other = (node.steps, node.else_steps) if met else (node.else_steps, node.steps)
    walk.skip(other)
    tolerant = node.on_error == "skip"
    chain = await (run_tolerant_chain if tolerant else run_chain)(walk, taken, frame.inside())
    branch = "if" if met else "else"
    text = f"Condition {node.name} completed with {len(chain.outputs)} results ({branch} branch)"
    return _group(node, "Condition", chain, text)


async def run_router(walk: Interpreter, node: RouterNode, frame: Frame) -> Output:
    """agno/workflow/router.py:952."""
    selected: tuple[int, ...] = ()
    if node.selector is not Call.NONE:
        answer = await calls.evaluate(walk.state, node, frame, "selector", node.selector)
        if answer.error is not None:
            raise StepFailed(answer.error, answer.error_type)
        selected = answer.selected
    walk.skip(tuple(choice for index, choice in enumerate(node.choices) if index not in selected))
    if not selected:
        content = f"Router {node.name} completed with 0 results (no steps selected)"
        return Group(node.name, node.step_id, "Router", content=content, ran=False)
    chain = await run_tolerant_chain(walk, tuple(node.choices[index] for index in selected), frame.inside())
    return _group(node, "Router", chain, f"Router {node.name} completed with {len(chain.outputs)} results")


async def run_parallel(walk: Interpreter, node: ParallelNode, frame: Frame) -> Output:
    """agno/workflow/parallel.py:678. What ends the run ends every branch; a branch's own failure is its output."""
    branches = [frame.branch(len(node.steps)) for _ in node.steps]
    tasks = [
        asyncio.ensure_future(_branch(walk, step, branch)) for step, branch in zip(node.steps, branches, strict=True)
    ]
    try:
        if tasks:
            await workflow.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done() and (error := task.exception()) is not None:
                raise error
    except (Exception, asyncio.CancelledError):  # not when the worker throws the run out of its memory
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    frame.state.join([branch.state for branch in branches])
    outputs = tuple(output for task in tasks if (output := task.result()) is not None)
    return Group(
        node.name or "Parallel",
        node.step_id,
        "Parallel",
        outputs,
        success=all(output.success for output in outputs),
        stop=any(output.stop for output in outputs),
    )


async def _branch(walk: Interpreter, node: Node, frame: Frame) -> Output | None:
    try:
        return (await walk.node(node, frame, None))[0]
    except StepFailed as error:
        return failed_child(node, error)


async def run_nested(walk: Interpreter, node: WorkflowNode, frame: Frame) -> Output:
    """agno/workflow/step.py:2901. A `stop` inside ends the nested workflow only.

    Its steps are not run again as a whole when one fails for good, though agno would: they have finished, and what has
    finished is not repeated (docs/differences.md).
    """
    state = walk.state
    occurrence = state.next_occurrence(node.path)
    state.mark(node.path, "running", occurrence)
    inner = frame.nested()
    inner.state.add_defaults(node.session_state)
    started = workflow.time()
    chain = await walk.top_level(node.steps, inner)
    run = NestedRun(
        run_id=state.nested_run_id(node.path, occurrence),
        workflow_id=node.workflow_id,
        workflow_name=node.workflow_name,
        input=inner.flow.input,
        duration=workflow.time() - started,
        metadata=node.metadata,
        media=inner.flow.media,
    )
    return Group(node.name, node.step_id, "Workflow", tuple(chain.outputs), run=run, ran=not is_function(node.steps))


def _group(node: Node, step_type: str, chain: Chain, content: str) -> Group:
    return Group(
        node.name,
        node.step_id,
        step_type,
        tuple(chain.outputs),
        content,
        success=chain.success,
        stop=chain.stopped,
    )
