"""The members of a team that goes on after a pause.

agno hands a resumed member the team's dependencies and metadata, but not its session state: a member's tool then
writes into an empty one, and what it wrote is lost (agno/team/_run.py:6149). And a member that raises is a line in a
log, after which the team goes on without it (agno/team/_run.py:6655). So a team goes on as a copy, whose members are
copies that share the team's state and whose failures are kept. The user's own objects are not changed: other runs use
them now.

A leader that waited for a tool of its own in the same turn is not told what its members did: agno writes that into the
leader's messages only where members alone had waited (agno/team/_run.py:9590). Here it is written in both cases.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from agno.run import RunContext
from agno.run.messages import RunMessages
from agno.run.requirement import RunRequirement
from agno.team import Team
from agno.team._run import _prepare_member_hitl_continuation


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

    def of(self, team: Team) -> Any:
        """A copy of a team, whose members go on in its context. Members that are made at run time are left as they
        are."""
        resumed: Any = copy(team)
        if isinstance(team.members, list):
            resumed.members = [self._member(one) for one in team.members]
        return resumed

    def raise_any(self) -> None:
        """Raise what a member raised first: the step has failed then, whatever its team made of it."""
        if self._raised:
            raise self._raised[0]

    def _member(self, member: Any) -> Any:
        resumed: Any = self.of(member) if isinstance(member, Team) else copy(member)
        resumed.acontinue_run = self._going_on(resumed.name or resumed.id, resumed.acontinue_run)
        return resumed

    def _going_on(self, name: str | None, acontinue_run: Callable[..., Any]) -> Callable[..., Any]:
        async def go_on(run_response: Any = None, **options: Any) -> Any:
            run_id: str = run_response.run_id if run_response is not None else options["run_id"]
            context = replace(self._context, run_id=run_id, output_schema=None, messages=None, members=None)
            if run_response is not None:
                run_response.content = None
            try:
                response = await acontinue_run(run_response=run_response, run_context=context, **options)
            except Exception as error:
                self._raised.append(error)
                raise
            self._ended(name, run_id, response)
            return response

        return go_on

    def _ended(self, name: str | None, run_id: str, response: Any) -> None:
        """Tell the leader what its members did, once the last of them has ended."""
        if run_id not in self._waiting or response.is_paused:
            return
        self._waiting.discard(run_id)
        self._results.append(f"[{name}]: {response.content or 'Task completed'}")
        if self._leader_waits and not self._waiting:
            messages = RunMessages(messages=self._run.messages or [])
            _prepare_member_hitl_continuation(self._run, messages, self._results)
