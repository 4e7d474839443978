"""Starting a run, so that whoever did not hear the answer may start it again.

The run's id is the caller's key. Temporal refuses a second workflow of one id, and cannot tell a repeated start from
another run that happens to be called so: what was asked for is kept as a digest beside the run, and is compared. A
request that is larger than Temporal takes, or has no object where one belongs, is refused before anything is sent.
"""

from __future__ import annotations

import json
from datetime import timedelta

from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from agno_temporal.agno_bridge.request import refuse_no_objects
from agno_temporal.client.reach import Reach
from agno_temporal.contract import names
from agno_temporal.contract.request import RunRequest
from agno_temporal.follow.errors import RequestTooLarge, RunIdReused
from agno_temporal.plan.data import to_json

TASK_TIMEOUT = timedelta(seconds=5)
"""A worker that is killed in a workflow task costs so long: Temporal notices nothing before that, and would wait for
10 s. To replay 1,000 events takes half a second."""

MAX_REQUEST_BYTES = 1_900_000
"""Temporal takes 2 MB in a payload; the rest is for a codec."""

MAX_ID_BYTES = 1_000
"""Temporal's own limit."""


class Starting(Reach):
    """The part of a client that starts runs."""

    async def start(self, workflow_id: str, request: RunRequest, run_id: str) -> bool:
        """Start a run, or attach to it where this very request started it before: then False.

        Raises:
            RunIdReused: The id is another run's.
            InvalidInput, RequestTooLarge: Nothing was started.
        """
        refuse_no_objects(request)
        self._refuse_large(request, run_id)
        digest = request.digest()
        try:
            await self.client.start_workflow(
                workflow_id,
                to_json(request),
                id=run_id,
                task_queue=self.task_queue,
                task_timeout=TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                request_eager_start=True,  # A worker of this very client need not be looked for.
                memo={names.MEMO_REQUEST: digest, **({names.MEMO_USER: user} if (user := request.user_id) else {})},
            )
        except WorkflowAlreadyStartedError:
            description = await self._describe(run_id)
            same = await description.memo_value(names.MEMO_REQUEST, default=None) == digest
            if not same or description.workflow_type != workflow_id:
                raise RunIdReused(
                    f"Run {run_id!r} exists and was started as workflow {description.workflow_type!r} with "
                    f"{'the same' if same else 'another'} request. Use another run_id, or the same request to attach."
                ) from None
            return False
        return True

    def _refuse_large(self, request: RunRequest, run_id: str) -> None:
        if (length := len(run_id.encode(errors="replace"))) > MAX_ID_BYTES:
            raise RequestTooLarge(f"The run's id has {length} bytes; Temporal takes {MAX_ID_BYTES}.")
        size = len(json.dumps(to_json(request)))
        if size > MAX_REQUEST_BYTES and self.client.data_converter.external_storage is None:
            raise RequestTooLarge(
                f"The run's input, with its additional data and media, has {size / 1e6:.1f} MB; Temporal takes 2 MB "
                "per payload. Pass a reference, or configure external storage (docs/limits.md)."
            )
