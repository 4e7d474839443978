"""The plugins of worker processes that are killed: their endpoint stands in the environment."""

from __future__ import annotations

import os
import signal
from typing import Any

from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.activities import notify
from agno_temporal.webhooks import webhooks_from_environment
from tests.webhooks.scenes import gated


def telling(queue: str) -> AgnoPlugin:
    return AgnoPlugin([gated()], webhooks=webhooks_from_environment())


def quick(executor: Any) -> Workflow:
    fails = HumanReview(on_error="fail")
    return Workflow(name="quick", steps=[Step(name="a", executor=executor, max_retries=0, human_review=fails)])


def dying(queue: str) -> AgnoPlugin:
    """It dies as soon as Temporal has what it hands over, so that its workflow task is never recorded."""
    handing_over = notify.hand_over

    async def hand_over(*arguments: Any) -> None:
        await handing_over(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    notify.hand_over = hand_over
    options = StepOptions(quick=True)
    return AgnoPlugin([quick(lambda given: "done")], options=options, webhooks=webhooks_from_environment())
