"""The interpreter: a walk over the plan, one coroutine per node.

Top-level steps differ from nested ones in agno: only there are a step's and a condition's `on_error` heeded
(agno/workflow/workflow.py:3057). Since the first level of a nested workflow is its top level, both use `top_level`.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import assert_never

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.journal import Done, Raised
from agno_temporal.contract.outputs import Group, InputSource, Leaf, Made, Output
from agno_temporal.contract.tasks import RUN_INPUT, EndCheck, Extras, Flow
from agno_temporal.plan import (
    ConditionNode,
    LoopNode,
    Node,
    ParallelNode,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
    is_function,
    walk,
)
from agno_temporal.workflows.agent_run import run_by_agent
from agno_temporal.workflows.containers.condition import run_condition
from agno_temporal.workflows.containers.loop import run_loop
from agno_temporal.workflows.containers.nested import run_nested
from agno_temporal.workflows.containers.parallel import run_parallel
from agno_temporal.workflows.containers.router import run_router
from agno_temporal.workflows.containers.steps import run_steps
from agno_temporal.workflows.execution import Execution
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled, StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.gate import Gates
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.leaf import gated, reported, skipped_by_error
from agno_temporal.workflows.rescue import rescued
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.sequence import Chain
from agno_temporal.workflows.step_events import tell_failed


class Interpreter:
    """One run's walk."""

    def __init__(self, state: RunState, gates: Gates) -> None:
        self.state = state
        self.gates = gates

    async def run(self) -> None:
        """Run the whole plan."""
        assert self.state.plan is not None
        if self.state.plan.agent is not None:
            await run_by_agent(self, self.state.plan.agent)
        else:
            await self.steps(RUN_INPUT)

    async def steps(self, input: InputSource) -> None:
        """Run the plan's steps, from the first; results are kept in the state as they come."""
        state = self.state
        assert state.plan is not None
        state.results, state.content, state.content_of = [], None, None
        frame = Frame(Flow(input), state.session_state, top=True)
        if is_function(state.plan.steps):
            state.content_of = (await self.top_level(state.plan.steps, frame)).outputs[0]
            return
        await self.top_level(state.plan.steps, frame, state.results)
        if state.results:
            state.content_of = state.results[-1]
        else:
            state.content = "No steps executed"

    async def top_level(self, steps: tuple[Node, ...], frame: Frame, results: list[Output] | None = None) -> Chain:
        """Run a workflow's own steps (agno/workflow/workflow.py:3990-4170)."""
        root = results is not None
        chain = Chain(frame, results if results is not None else [])
        for index, node in enumerate(steps):
            at = replace(chain.frame, top=True, index=index if root else frame.index)
            if root:
                self.state.current = node
            try:
                output = await rescued(self, node, frame.guard, at, functools.partial(self._checked, node, at))
            except StepFailed as error:
                if not (chain.outputs and _step_id(chain.outputs[-1]) == _own_step_id(node)):
                    chain.outputs.append(_failed(node, error))
                if _is_told(node, chain.outputs[-1]) or not workflow.patched(names.STEP_ERROR_OF_ITS_OUTPUT):
                    tell_failed(self.state.events, node, error.message)
                raise
            except RunCancelled as error:
                if error.rejected is not None and error.path == node.path:
                    chain.outputs.append(error.rejected)
                raise
            if output is None:
                continue
            chain.add(node.name, output)
            try:
                self._check_failed(node, output)
            except StepFailed as error:
                tell_failed(self.state.events, node, error.message)
                raise
            if output.stop:
                break
        return chain

    async def _checked(self, node: Node, frame: Frame) -> Output | None:
        """A top-level step, whose failure somebody may be asked about: also the one that it only reports."""
        output = await self._top(node, frame)
        if frame.guard is not None and output is not None:
            self._check_failed(node, output)
        return output

    def _check_failed(self, node: Node, output: Output) -> None:
        """A step that returned ``success=False`` under ``on_error="fail"`` fails its workflow
        (agno/workflow/workflow.py:245), unless a reviewer let it stand."""
        if not isinstance(node, StepNode | WorkflowNode) or output.success or node.skip_on_failure:
            return
        if node.review.on_error == "fail" and node.path not in self.state.approved:
            raise StepFailed(reported(node, output))

    async def _top(self, node: Node, frame: Frame) -> Output | None:
        try:
            return (await self.node(node, frame, None))[0]
        except StepFailed as error:
            if isinstance(node, ConditionNode) and node.on_error == "skip":
                return skipped_by_error(node.name, node.step_id, error)
            raise

    async def node(self, node: Node, frame: Frame, end_check: EndCheck | None) -> tuple[Output | None, bool | None]:
        """Run any node. The second value is what the end check said, where it was asked.

        Returns:
            Its output; None where a human, or the timer, skipped it: then it leaves no trace in later steps' input, as
            in agno (agno/workflow/workflow.py:6925).
        """
        strand = current()
        if (before := strand.told_of(node.path, Done)) is not None:
            return _again(before)
        mark = strand.mark
        ends: bool | None = None
        try:
            if isinstance(node, StepNode):
                output, ends = await self._leaf(node, frame, end_check)
            else:
                self.state.mark(node.path, "running")
                output = await self._container(node, frame)
        except NodeSkipped as skipped:
            self.state.mark(node.path, "skipped")
            if skipped.path != node.path:
                raise
            strand.close(mark, Done(node.path))
            return None, None
        except StepFailed as error:
            self.state.mark(node.path, "failed")
            strand.close(mark, Done(node.path, failed=Raised(error.message, error.error_type)))
            raise
        self.state.mark(node.path, "done" if output.success else "failed")
        strand.close(mark, Done(node.path, output, ends))
        return output, ends

    async def _leaf(self, node: StepNode, frame: Frame, end_check: EndCheck | None) -> tuple[Output, bool | None]:
        ends: list[bool | None] = [None]

        execution = Execution(self, node, end_check)

        async def run(extras: Extras | None) -> Output:
            output, ends[0] = await execution.run(frame.told(extras))
            return output

        return await gated(self, node, frame, run), ends[0]

    async def _container(self, node: Node, frame: Frame) -> Output:
        match node:
            case StepsNode():
                return await run_steps(self, node, frame)
            case LoopNode():
                return await run_loop(self, node, frame)
            case ConditionNode():
                return await run_condition(self, node, frame)
            case RouterNode():
                return await run_router(self, node, frame)
            case ParallelNode():
                return await run_parallel(self, node, frame)
            case WorkflowNode():
                return await self._nested(node, frame)
            case StepNode():
                raise AssertionError("a leaf is no container")
            case unreachable:
                assert_never(unreachable)

    async def _nested(self, node: WorkflowNode, frame: Frame) -> Output:
        async def run(extras: Extras | None) -> Output:
            return await run_nested(self, node, frame.told(extras))

        return await gated(self, node, frame, run)

    def skip(self, nodes: tuple[Node, ...]) -> None:
        """Show nodes as skipped, unless an earlier iteration ran them."""
        for node in walk(nodes):
            if node.path not in self.state.progress:
                self.state.mark(node.path, "skipped")


def _again(done: Done) -> tuple[Output | None, bool | None]:
    """What a node came to, that ran before."""
    if done.failed is not None:
        raise StepFailed(done.failed.message, done.failed.error_type)
    return done.output, done.ends_loop


def _own_step_id(node: Node) -> str | None:
    """What `getattr(step, "step_id", None)` is in agno: containers have none."""
    return node.step_id if isinstance(node, StepNode | WorkflowNode) else None


def _step_id(output: Output) -> str | None:
    return output.step_id if isinstance(output, Group | Made) else ""


def _is_told(node: Node, last: Output) -> bool:
    """Whether agno tells of a node's failure, since it takes the last output for the node's own: that of a container,
    which has no step's id, by its name (agno/workflow/workflow.py:2393)."""
    if last.success:
        return False
    return _own_step_id(node) is not None or (not isinstance(last, Leaf) and last.step_name == node.name)


def _failed(node: Node, error: StepFailed) -> Made:
    """agno/workflow/workflow.py:262."""
    return Made(node.name, error.message, step_id=_own_step_id(node), success=False, error=error.message)
