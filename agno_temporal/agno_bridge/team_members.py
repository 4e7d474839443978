"""The members of a team that goes on after a pause.

agno hands a resumed member the team's dependencies and metadata, but not its session state: a member's tool then
writes into an empty one, and what it wrote is lost (agno/team/_run.py:6149). And a member that raises is a line in a
log, after which the team goes on without it (agno/team/_run.py:6655). So a team goes on as a copy, whose members are
copies that share the team's state and whose failures are kept. The user's own objects are not changed: other runs use
them now.

A leader that waited for a tool of its own in the same turn is not told what its members did: agno writes that into the
leader's messages only where members alone had waited (agno/team/_run.py:9590). Here it is written in both cases.

What functions make for a team, its members and its tools, agno asks for at the start of a run only
(agno/team/_run.py:3167). A team that goes on has none of it: its run raises, or goes on without the tool that was
confirmed. So they are asked again here, by agno's own function, and what they made is put into the copy. Not into the
context: there agno would look for the members of a team inside the team too, without an end
(agno/team/_tools.py:601), and a member would find the leader's tools.

A member that waits may be gone all the same, after a deploy, or because its function makes another now. That is looked
at before anything of the answer is done, as for tools (`lost_tools`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

from agno.exceptions import RunNotContinuableError
from agno.run import RunContext
from agno.run.agent import RunOutput
from agno.run.messages import RunMessages
from agno.run.requirement import RunRequirement
from agno.run.team import TeamRunOutput
from agno.session.team import TeamSession
from agno.team import Team
from agno.team._run import _group_requirements_for_continue, _prepare_member_hitl_continuation
from agno.team._tools import _aresolve_callable_resources
from agno.utils.callables import get_resolved_knowledge, get_resolved_members, get_resolved_tools

from agno_temporal.agno_bridge.lookup import StepBlocked


class Members:
    """The members of one resumed team, at any depth, and what they raised."""

    def __init__(self, context: RunContext, run: Any) -> None:
        """
        Args:
            run: The team's run, answered.
        """
        self._context = context
        self._run = run
        self._raised: list[Exception] = []
        self._results: list[str] = []
        requirements: list[RunRequirement] = run.requirements or []
        self._waiting = {one.member_run_id for one in requirements if one.member_agent_id is not None}
        self._leader_waits = any(one.member_agent_id is None for one in requirements)

    async def of(self, team: Team) -> Any:
        """A copy of a team, whose members go on in its context, with what functions make for it."""
        made = replace(self._context, tools=None, knowledge=None, members=None)
        await _aresolve_callable_resources(team, made)
        resumed: Any = copy(team)
        resumed.tools = get_resolved_tools(team, made)
        resumed.knowledge = get_resolved_knowledge(team, made)
        resumed.members = [await self._member(one) for one in get_resolved_members(team, made) or ()]
        return resumed

    def refuse_lost(self, resumed: Team, where: str) -> None:
        """
        Args:
            resumed: What `of` gave for the team of the run.

        Raises:
            StepBlocked: A member that waits is not in the team any more.
        """
        try:
            _group_requirements_for_continue(resumed, self._run, TeamSession(session_id=""), None)
        except RunNotContinuableError as error:
            raise StepBlocked(f"{where}: {error} Deploy a version that has the member, or cancel the run.") from None

    def raise_any(self) -> None:
        """Raise what a member raised first: the step has failed then, whatever its team made of it."""
        if self._raised:
            raise self._raised[0]

    async def _member(self, member: Any) -> Any:
        resumed: Any = await self.of(member) if isinstance(member, Team) else copy(member)
        resumed.acontinue_run = self._going_on(resumed.name or resumed.id, resumed.acontinue_run)
        return resumed

    def _going_on(self, name: str | None, acontinue_run: Callable[..., Any]) -> Callable[..., Any]:
        def go_on(run_response: Any = None, **options: Any) -> Any:
            run_id: str = run_response.run_id if run_response is not None else options["run_id"]
            context = replace(self._context, run_id=run_id, output_schema=None, messages=None, members=None)
            if run_response is not None:
                run_response.content = None
            going = partial(acontinue_run, run_response=run_response, run_context=context, **options)
            ended = partial(self._ended, name, run_id)
            return self._streamed(going, ended) if options.get("stream") else self._awaited(going, ended)

        return go_on

    async def _awaited(self, going: Callable[[], Awaitable[Any]], ended: Callable[[Any], None]) -> Any:
        with self._noted():
            response = await going()
        ended(response)
        return response

    async def _streamed(
        self, going: Callable[[], AsyncIterator[Any]], ended: Callable[[Any], None]
    ) -> AsyncIterator[Any]:
        with self._noted():
            async for event in going():
                if isinstance(event, RunOutput | TeamRunOutput):
                    ended(event)
                yield event

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._raised.append(error)
            raise

    def _ended(self, name: str | None, run_id: str, response: Any) -> None:
        """Tell the leader what its members did, once the last of them has ended."""
        if run_id not in self._waiting or response.is_paused:
            return
        self._waiting.discard(run_id)
        self._results.append(f"[{name}]: {response.content or 'Task completed'}")
        if self._leader_waits and not self._waiting:
            messages = RunMessages(messages=self._run.messages or [])
            _prepare_member_hitl_continuation(self._run, messages, self._results)
