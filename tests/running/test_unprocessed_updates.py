"""A decision that Temporal's server has given up, because the task that it came with was lost on the way.

It takes a server that is killed at the right moment, as in the sweep of kills (`tests/unkillable`). Here is what is
made of its answer.
"""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from agno_temporal.client import OutcomeUnknown
from agno_temporal.client.deciding import _raise_refusal

GIVEN_UP = WorkflowUpdateFailedError(
    ApplicationError("Workflow Update is rejected because it wasn't processed by worker.", type="UnprocessedUpdate")
)


def test_it_is_to_be_sent_again() -> None:
    with pytest.raises(OutcomeUnknown, match="nothing is changed"):
        _raise_refusal(GIVEN_UP)
