"""Recordings of runs that tell of themselves, and of the deliveries of what they tell.

Beside them stands ``notices_put_back_silent``, a run that was put back when such a run told nothing of it. Since
`names.PUT_BACK_TOLD` none is silent, so that it cannot be recorded any more, and is replayed all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from agno.workflow import Parallel
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle

from agno_temporal import Webhook, Webhooks
from agno_temporal.contract import names
from agno_temporal.contract.notices import NoticeType, notice_id
from agno_temporal.hitl import Action
from tests.replay.ends import put_back_and_open
from tests.replay.pauses import Act, by_signal, by_update, confirm_each, confirmed, expire, leave_open, recording
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording
from tests.support import PATIENCE, Bench
from tests.webhooks.receiver import Receiver, new_secret

NOBODY = {"url": "http://127.0.0.1:9/", "allow_http": True, "allow_networks": ["127.0.0.1/32"]}


async def to_nobody(run: Drive) -> None:
    """Tell an endpoint that does not answer: what the run does is the same."""
    run.webhooks = Webhooks([Webhook("ops", secret=new_secret(), **NOBODY)], retry_for=timedelta(0))


async def to_a_receiver(run: Drive) -> None:
    receiver = Receiver()
    await receiver.up()
    run.webhooks = Webhooks([receiver.webhook(), receiver.webhook("audit", events=["run.finished"])])


class Late(Interceptor):
    """Temporal is slow to start deliveries, the first time: slower than a local activity waits for it."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        class Outbound(OutboundInterceptor):
            late = True

            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                if self.late and input.workflow == names.DELIVERY:
                    self.late = False
                    await asyncio.sleep(3)
                return await super().start_workflow(input)

        return Outbound(next)


async def to_nobody_late(run: Drive) -> None:
    await to_nobody(run)
    config = run.bench.client.config()
    run.bench = Bench(Client(**{**config, "interceptors": [*config["interceptors"], Late()]}), run.bench.task_queue)


def telling(act: Act, *steps: Any, prepare: Callable[[Drive], Awaitable[None]] = to_nobody) -> Recording:
    plain = recording(act, *steps)
    return Recording(plain.workflow, plain.drive, prepare)


def gate(act: Act, **review: Any) -> Recording:
    asking = confirmed("gate")
    for name, value in review.items():
        setattr(asking.human_review, name, value)
    return telling(act, say("before"), asking, say("after"))


async def cancel(run: Drive) -> None:
    await run.asked()
    await run.bench.runs.cancel(run.run_id)
    await run.ended()


async def delivered(run: Drive) -> None:
    """The history that is taken is that of the delivery of the run's end."""
    await run.ended()
    told_in = (await run.bench.client.get_workflow_handle(run.run_id).describe()).run_id
    run.run_id = notice_id(run.run_id, "", NoticeType.FINISHED, told_in)
    await asyncio.wait([asyncio.ensure_future(run.ended())], timeout=PATIENCE)


RECORDINGS = {
    "notices_open": gate(leave_open),
    "notices_by_update": gate(by_update(Action.CONFIRM)),
    "notices_by_signal": gate(by_signal(Action.CONFIRM)),
    "notices_rejected_cancel": gate(by_update(Action.REJECT), on_reject="cancel"),
    "notices_expired": gate(expire, timeout=1, on_timeout="skip"),
    "notices_reminder_open": gate(leave_open, timeout=3600),
    "notices_reminder_by_update": gate(by_update(Action.CONFIRM), timeout=3600),
    "notices_cancelled": gate(cancel),
    "notices_put_back_open": gate(put_back_and_open, timeout=3600),
    "notices_in_parallel": telling(confirm_each, Parallel(confirmed("a"), confirmed("b"), name="both"), say("c")),
    "notices_late": telling(expire, say("a"), prepare=to_nobody_late),
    "delivered": telling(delivered, say("a"), prepare=to_a_receiver),
    "delivery_given_up": telling(delivered, say("a")),
}
