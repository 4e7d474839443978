"""Error types that a caller, a retry policy or an operator recognises by name: persisted data, like `names`.

They travel as the ``type`` of Temporal's `ApplicationError`, so they are strings and not exception classes. Beside it
stands a text, which Temporal writes as Unicode or not at all: a failure that cannot be written is tried again for ever.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorType(StrEnum):
    """Why a run, a step or a start failed."""

    BAD_REQUEST = "BadRequest"
    """The start arguments are not a run request. The run fails at once."""

    RUN_FAILED = "RunFailed"
    """The run ended as agno's ERROR. The details hold the manifest."""

    STEP_FAILED = "StepFailed"
    """The step's own code raised, and its retries are used up."""

    STEP_RAISED = "StepRaised"
    """The step's own code raised, and is tried again."""

    RUN_CANCELLED = "RunCancelled"
    """The step's own code cancels the run, as agno lets it. Never retried: no `on_error` and no container sees it."""

    STEP_BLOCKED = "StepBlocked"
    """This worker's definition has not the step that the plan names. Tried again until a deploy brings it back."""

    OUTPUT_NOT_SERIALISABLE = "OutputNotSerialisable"
    """What the step returned cannot be written to history. Ends the run: never skipped, never retried."""

    OUTPUT_TOO_LARGE = "OutputTooLarge"
    """What the step returned is larger than Temporal takes. Ends the run: never skipped, never retried."""

    INPUT_TOO_LARGE = "InputTooLarge"
    """What a step would be given is larger than Temporal takes."""

    RUN_TOO_LONG = "RunTooLong"
    """The run has told more events than it can take into another Temporal run."""

    WORKFLOW_UNKNOWN = "WorkflowUnknown"
    """No worker that answered has this workflow. Tried again until one has."""

    INPUT_INVALID = "InputInvalid"
    """The run's input breaks the workflow's `input_schema`."""

    STATE_NOT_SERIALISABLE = "StateNotSerialisable"
    """The session state holds what cannot be written to history."""

    UNSUPPORTED = "Unsupported"
    """The step did something at run time that this version cannot run durably."""

    UNOPENED = "Unopened"
    """A decision is encrypted with a key that this worker has not. Nothing is changed; sent again, it may be taken."""

    DELIVERY_FAILED = "DeliveryFailed"
    """An endpoint did not take a notice. Tried again for days."""

    DELIVERY_GIVEN_UP = "DeliveryGivenUp"
    """An endpoint did not take a notice for so long that it is tried no longer."""


RUN_ENDING = frozenset(
    {
        ErrorType.OUTPUT_NOT_SERIALISABLE,
        ErrorType.OUTPUT_TOO_LARGE,
        ErrorType.STATE_NOT_SERIALISABLE,
        ErrorType.UNSUPPORTED,
    }
)
"""Errors that no `on_error` and no container may swallow: the step did its work, and its result is lost."""


def as_unicode(text: str) -> str:
    r"""The text, with half surrogates escaped: Python has them where the name of a file is no Unicode.

    >>> as_unicode("caf\udce9.txt")
    'caf\\udce9.txt'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def text_of(error: BaseException) -> str:
    """What an error says. One whose own `__str__` fails must not be taken for a failure of whoever asks it."""
    try:
        return str(error)
    except Exception:
        return f"{type(error).__name__}, of which the text cannot be read"
