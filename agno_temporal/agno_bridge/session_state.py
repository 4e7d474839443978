"""The session state while a step has it, and what the step did to it.

In agno all steps change one dict in place. Here each step gets a copy from the history and gives back what it changed,
so that a retry starts clean and branches on different workers can be merged. A change is told by comparing what would
be written, before and after: comparing objects would call 1, 1.0 and True the same, and a list that was changed in
place equal to itself.

agno puts the ids of the workflow and the run into the state of a running step, and takes them out before it is saved
(agno/workflow/workflow.py:946, 1894). They are no change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agno.workflow import Workflow

from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.values import NotSerialisable, decode, encode
from agno_temporal.contract.tasks import RunFacts, StateChange
from agno_temporal.plan.data import Json, is_same
from agno_temporal.plan.tagged import TAG

AGNO_KEYS: Final = frozenset(
    {"workflow_id", "workflow_name", "current_user_id", "current_session_id", "current_run_id"}
)


def encode_state(values: dict[str, Any], where: str = "session_state") -> dict[str, Json]:
    """A session state as JSON. Its top level stays plain, since changes are merged key by key.

    Raises:
        NotSerialisable: It is no dict, a value would not come back, or a key is not text.
    """
    if not isinstance(values, dict):
        raise NotSerialisable(where, type(values).__name__, "Pass a dict.")
    return {_key(key, where): encode(value, f"{where}.{key}") for key, value in values.items()}


def without_agnos_keys(values: dict[str, Any]) -> dict[str, Any]:
    """A state as it is kept. One that a caller hands over may be that of an agent's run, which has them."""
    return {key: value for key, value in values.items() if key not in AGNO_KEYS}


def decode_state(data: Json, lenient: bool = False) -> dict[str, Any]:
    """The state that `encode_state`, or a caller in another language, wrote."""
    return {key: decode(value, lenient) for key, value in (data or {}).items()}


@dataclass(frozen=True, slots=True)
class LiveState:
    """A session state in use: `values` is what the step may change."""

    values: dict[str, Any]
    before: dict[str, Json]

    @classmethod
    def open(cls, data: Json, owner: Workflow, facts: RunFacts) -> LiveState:
        """The state as one of `owner`'s steps sees it."""
        values: dict[str, Any] = owner._initialize_session_state(
            decode_state(data), session_id=facts.session_id, user_id=facts.user_id, run_id=facts.run_id
        )
        values["workflow_id"] = workflow_id_of(owner)
        return cls(values, data or {})

    def change(self, where: str = "session_state") -> StateChange | None:
        """What was done to it.

        Raises:
            NotSerialisable: It now holds what cannot be written.
        """
        after = encode_state(without_agnos_keys(self.values), where)
        before = without_agnos_keys(self.before)
        changed = {key: value for key, value in after.items() if key not in before or not is_same(value, before[key])}
        removed = tuple(key for key in before if key not in after)
        return StateChange(changed, removed) if changed or removed else None


def _key(key: Any, where: str) -> str:
    if type(key) is not str or key == TAG:
        raise NotSerialisable(f"{where} key {key!r}", type(key).__name__, f"Use text other than {TAG!r} for keys.")
    return key
