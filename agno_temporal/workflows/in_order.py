"""A run hears in the order of its history, also what its local activities have answered.

Temporal's core (temporalio 1.35) hands such an answer over at another place than a replay finds it, in two cases. The
branches of the run that are woken then make their calls in another order, and the run cannot be replayed.

* Late: where a run is asked something beside a local activity, its workflow task ends with the reply. An answer that
  comes while the run replies is written with this task, and handed over with the next one, together with what that
  brings: a timer, a decision. A replay hands it over before.
* Joined: a task that local activities keep from ending is prolonged by tasks that bring nothing. A replay makes one of
  them all, and hands over in one activation what came in two: what the first task brought, and an answer in the last.
  Where one branch had come to rest before the other began, they now take turns.

So each answer is handed over by itself, when what came before has come to rest: those that the history has by the end
of a reply first, as of that task, and then what is new. Which these are, the server knows, and is asked where there may
be any.

A run that is put back to its first workflow task is begun and told so in one activation, and the SDK tells it before it
is there to hear it (temporalio 1.35, worker/_workflow_instance.py:657): so that is handed over behind its beginning.

With a cancel nothing is taken apart: it would be told of an activity that core has done with, which fails the task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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

    __slots__ = ("_activate", "_answered_since", "_replied", "_under_way")

    def __init__(self, activate: Activate, answered_since: Answered) -> None:
        self._activate = activate
        self._answered_since = answered_since
        self._under_way: list[int] = []
        self._replied: WorkflowActivation | None = None

    def __call__(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        if asks(activation):
            return self._reply(activation)
        replied, self._replied = self._replied, None
        if len(activation.jobs) < 2 or any(job.HasField("cancel_workflow") for job in activation.jobs):
            return self._one(activation)
        late = [] if replied is None else self._late_in(activation, replied)
        return refused() if late is None else self._handed_over(_parts(activation, late))

    def _reply(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._under_way and self._replied is None and not asks_by_itself(activation):
            self._replied = activation
        return self._activate(activation)

    def _late_in(self, activation: WorkflowActivation, replied: WorkflowActivation) -> list[WorkflowActivation] | None:
        """The answers in it that should have come before, each as of then; None if nobody says which."""
        answers = [job for job in activation.jobs if _is_answer(job)]
        if not answers or len(answers) == len(activation.jobs):
            return []
        answered = self._answered_since(replied.history_length)
        if answered is None:
            return None
        late = [_only([job], replied) for job in answers if job.resolve_activity.seq in answered]
        for part in late:
            part.is_replaying = activation.is_replaying
        return late

    def _handed_over(self, parts: Sequence[WorkflowActivation]) -> WorkflowActivationCompletion:
        done = self._one(parts[0])
        for number, part in enumerate(parts[1:], start=1):
            if done.HasField("failed") or any(one.WhichOneof("variant") in ENDS for one in done.successful.commands):
                return done
            if _cancelled(done) & _answered(parts[number:]):
                return refused()  # Core has done with it. The task is tried again, where it has not answered yet.
            then = self._one(part)
            if then.HasField("failed"):
                return then
            done.successful.MergeFrom(then.successful)
        return done

    def _one(self, part: WorkflowActivation) -> WorkflowActivationCompletion:
        for number in _answered([part]):
            if number in self._under_way:
                self._under_way.remove(number)
        done = self._activate(part)
        for command in done.successful.commands:
            if command.HasField("schedule_local_activity"):
                self._under_way.append(command.schedule_local_activity.seq)
        return done


def _parts(activation: WorkflowActivation, late: Sequence[WorkflowActivation]) -> list[WorkflowActivation]:
    """What is handed over one after the other: late answers, what is no answer, and the other answers."""
    numbers = _answered(late)
    answers = [[job] for job in activation.jobs if _is_answer(job) and job.resolve_activity.seq not in numbers]
    others = [job for job in activation.jobs if not _is_answer(job)]
    return [*late, *(_only(jobs, activation) for jobs in (*_begun(others), *answers))]


def _begun(jobs: Sequence[WorkflowActivationJob]) -> list[Sequence[WorkflowActivationJob]]:
    """All at once; but that a run was put back, behind its beginning."""
    put_back = [job for job in jobs if job.HasField("update_random_seed")]
    if not put_back or not any(job.HasField("initialize_workflow") for job in jobs):
        return [jobs] if jobs else []
    return [[job for job in jobs if job not in put_back], put_back]


def _only(jobs: Sequence[WorkflowActivationJob], activation: WorkflowActivation) -> WorkflowActivation:
    """The same with these jobs alone."""
    part = WorkflowActivation()
    part.CopyFrom(activation)
    del part.jobs[:]
    part.jobs.extend(jobs)
    return part


def _answered(parts: Iterable[WorkflowActivation]) -> set[int]:
    return {job.resolve_activity.seq for part in parts for job in part.jobs if _is_answer(job)}


def _cancelled(done: WorkflowActivationCompletion) -> set[int]:
    requests = (command for command in done.successful.commands if command.HasField("request_cancel_local_activity"))
    return {command.request_cancel_local_activity.seq for command in requests}


def _is_answer(job: WorkflowActivationJob) -> bool:
    return job.resolve_activity.is_local
