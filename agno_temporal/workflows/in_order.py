"""A run hears in the order of its history, also what its local activities have answered.

Temporal's core (temporalio 1.35) hands such an answer over at another place than a replay finds it, in two cases. The
branches of the run that are woken then make their calls in another order, and the run cannot be replayed.

* Late: where a run is asked something beside a local activity, its workflow task ends with the reply. An answer that
  comes while the run replies is written with this task, and handed over in the next one, behind what that brings: a
  timer, a decision. A replay hands it over before.
* Joined: a task that local activities keep from ending is prolonged by tasks that bring nothing. A replay makes one of
  them all, and hands over in one activation what came in two: what the first task brought, and an answer in the last.
  Where one branch had come to rest before the other began, they now take turns.

So what follows a reply is held until the answers have come that the history has by then; which these are, the server
knows, and is asked where there may be any. And each answer is handed over by itself, when what came before has come to
rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from agno_temporal.workflows.ahead import Activate, asks, asks_by_itself, refused

Answered = Callable[[int], set[int] | None]
"""The numbers of the local activities whose answers have come into the history behind an event, if that can be said."""

ENDS: Final = frozenset(
    {
        "cancel_workflow_execution",
        "complete_workflow_execution",
        "continue_as_new_workflow_execution",
        "fail_workflow_execution",
    }
)
"""The commands behind which nothing may come."""


def in_order(activate: Activate, answered_since: Answered) -> Activate:
    """The same, but that answers of local activities come at their place, one by one."""
    return _InOrder(activate, answered_since)


class _InOrder:
    """What one worker hands over to a run. Its local activities are known by number."""

    def __init__(self, activate: Activate, answered_since: Answered) -> None:
        self._activate = activate
        self._answered_since = answered_since
        self._under_way: set[int] = set()
        self._replied_at: int | None = None
        self._late: set[int] = set()
        self._held: WorkflowActivation | None = None

    def __call__(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._is_plain(activation):
            return self._one(activation)
        if self._held is not None:
            return self._with_late(activation, self._held)
        if asks(activation):
            return self._replied(activation)
        late = self._late_before(activation)
        if late is None:
            return refused()
        if not late:
            return self._handed_over(_parts(activation))
        self._late, self._held = late, _only(_others(activation, late), activation)
        return self._in_front(_answers(activation, late), self._held)

    def _is_plain(self, activation: WorkflowActivation) -> bool:
        """Whether there is nothing to bring into order. Nearly all are so."""
        if len(activation.jobs) != 1:
            return False
        kind = activation.jobs[0].WhichOneof("variant")
        if kind == "remove_from_cache":
            return True
        return self._held is None and self._replied_at is None and kind != "query_workflow"

    def _replied(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._under_way and self._replied_at is None and not asks_by_itself(activation):
            self._replied_at = activation.history_length
        return self._activate(activation)

    def _late_before(self, activation: WorkflowActivation) -> set[int] | None:
        """Of which local activities the history has an answer that should have come before; None if nobody says."""
        since, self._replied_at = self._replied_at, None
        if since is None or not self._under_way or all(map(_is_answer, activation.jobs)):
            return set()
        answered = self._answered_since(since)
        return None if answered is None else answered & self._under_way

    def _with_late(self, activation: WorkflowActivation, held: WorkflowActivation) -> WorkflowActivationCompletion:
        """What comes while something is held: late answers, before anything else does, and perhaps others with them."""
        answers = _answers(activation, self._late)
        if not answers or not all(map(_is_answer, activation.jobs)):
            return refused()
        held.jobs.extend(_others(activation, self._late))
        return self._in_front(answers, held)

    def _in_front(
        self, answers: Sequence[WorkflowActivationJob], held: WorkflowActivation
    ) -> WorkflowActivationCompletion:
        """Late answers, and behind the last of them what was held."""
        self._late -= {job.resolve_activity.seq for job in answers}
        parts = [_only([job], held) for job in answers]
        if not self._late:
            self._held = None
            parts += _parts(held)
        return self._handed_over(parts)

    def _handed_over(self, parts: Sequence[WorkflowActivation]) -> WorkflowActivationCompletion:
        done = WorkflowActivationCompletion()
        done.successful.SetInParent()
        for number, part in enumerate(parts):
            then = self._one(part)
            if then.HasField("failed"):
                return then
            if number:
                done.successful.MergeFrom(then.successful)
            else:
                done = then
            if any(command.WhichOneof("variant") in ENDS for command in then.successful.commands):
                break
        return done

    def _one(self, part: WorkflowActivation) -> WorkflowActivationCompletion:
        for job in part.jobs:
            if _is_answer(job):
                self._under_way.discard(job.resolve_activity.seq)
        done = self._activate(part)
        for command in done.successful.commands:
            if command.HasField("schedule_local_activity"):
                self._under_way.add(command.schedule_local_activity.seq)
        return done


def _parts(activation: WorkflowActivation) -> list[WorkflowActivation]:
    """What is handed over together: the answers each by itself, behind all others."""
    answers = [[job] for job in activation.jobs if _is_answer(job)]
    others = [job for job in activation.jobs if not _is_answer(job)]
    groups = [others, *answers] if others else answers
    return [activation] if len(groups) == 1 else [_only(jobs, activation) for jobs in groups]


def _only(jobs: Sequence[WorkflowActivationJob], activation: WorkflowActivation) -> WorkflowActivation:
    """The same with these jobs alone."""
    part = WorkflowActivation()
    part.CopyFrom(activation)
    del part.jobs[:]
    part.jobs.extend(jobs)
    return part


def _answers(activation: WorkflowActivation, numbers: set[int]) -> list[WorkflowActivationJob]:
    return [job for job in activation.jobs if _is_answer(job) and job.resolve_activity.seq in numbers]


def _others(activation: WorkflowActivation, numbers: set[int]) -> list[WorkflowActivationJob]:
    return [job for job in activation.jobs if not _is_answer(job) or job.resolve_activity.seq not in numbers]


def _is_answer(job: WorkflowActivationJob) -> bool:
    return job.resolve_activity.is_local
