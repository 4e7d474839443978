"""The plan: an agno workflow's step tree as data.

A run outlives the code that started it, so it cannot hold live `Step` objects: it follows this data, recorded in its
history when it started.
"""

from agno_temporal.plan.nodes import (
    NO_OPTIONS,
    NO_REVIEW,
    Call,
    ConditionNode,
    ExecutorKind,
    GatedNode,
    InputField,
    LoopNode,
    Node,
    ParallelNode,
    Plan,
    Review,
    RouterNode,
    StepNode,
    StepOptions,
    StepsNode,
    WorkflowNode,
    children,
    is_function,
    walk,
)

__all__ = [
    "NO_OPTIONS",
    "NO_REVIEW",
    "Call",
    "ConditionNode",
    "ExecutorKind",
    "GatedNode",
    "InputField",
    "LoopNode",
    "Node",
    "ParallelNode",
    "Plan",
    "Review",
    "RouterNode",
    "StepNode",
    "StepOptions",
    "StepsNode",
    "WorkflowNode",
    "children",
    "is_function",
    "walk",
]
