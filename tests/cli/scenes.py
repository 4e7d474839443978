"""Workflows that the commands are tried on."""

from __future__ import annotations

from pathlib import Path

from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, StepInput, StepOutput, Workflow

DAY = 24 * 3600.0


def work(step_input: StepInput) -> StepOutput:
    return StepOutput(content=f"did {step_input.input}")


def fail(step_input: StepInput) -> StepOutput:
    raise ValueError("no such release")


def step(name: str, **review: object) -> Step:
    return Step(name=name, executor=work, max_retries=0, human_review=HumanReview(**review) if review else None)


def simple() -> Workflow:
    return Workflow(name="simple", steps=[step("only")])


def failing() -> Workflow:
    return Workflow(
        name="failing",
        steps=[Step(name="fetch", executor=fail, max_retries=0, human_review=HumanReview(on_error="fail"))],
    )


def gated(**review: object) -> Workflow:
    """One gate between two steps."""
    rules = {"requires_confirmation": True, "confirmation_message": "Ship it?", **review}
    return Workflow(name="gated", steps=[step("build"), step("ship", **rules), step("tell")])


def reviewed() -> Workflow:
    rules = {"requires_output_review": True, "on_reject": "retry", "max_retries": 2}
    return Workflow(name="reviewed", steps=[step("draft", **rules)])


def form() -> Workflow:
    fields = [
        {"name": "percent", "field_type": "int", "description": "Share of requests", "allowed_values": [1, 10]},
        {"name": "dry", "field_type": "bool", "required": False},
        {"name": "regions", "field_type": "list", "required": False},
    ]
    rules = {"requires_user_input": True, "user_input_message": "How much traffic?", "user_input_schema": fields}
    return Workflow(name="form", steps=[step("route", **rules)])


def two_gates() -> Workflow:
    """Two gates that are open at once."""
    gates = [step(name, requires_confirmation=True) for name in ("eu", "us")]
    return Workflow(name="two-gates", steps=[Parallel(*gates, name="regions")])


def release() -> Workflow:
    """A loop with a gate, a Parallel and a Condition."""
    gate = step("ship", requires_confirmation=True, confirmation_message="Ship this batch?", timeout=2 * DAY + 59)
    return Workflow(
        name="release",
        steps=[
            step("build"),
            Loop(name="batches", max_iterations=2, steps=[step("pick"), gate, step("check")]),
            Parallel(step("eu"), step("us"), name="regions"),
            Condition(name="all well", evaluator=True, steps=[step("announce")], else_steps=[step("retreat")]),
        ],
    )


def passes() -> Workflow:
    """A loop that is reviewed after each iteration."""
    rules = {"requires_iteration_review": True, "on_reject": "retry", "max_retries": 2}
    return Workflow(
        name="passes",
        steps=[
            Loop(name="polish", max_iterations=3, steps=[step("draft")], human_review=HumanReview(**rules)),
            step("tell"),
        ],
    )


def routed(**review: object) -> Workflow:
    """A router whose route a person chooses."""
    rules = {"requires_user_input": True, "user_input_message": "Which channel?", **review}
    return Workflow(
        name="routed",
        steps=[
            Router(name="channel", choices=[step("mail"), step("post")], human_review=HumanReview(**rules)),
        ],
    )


def broken(flag: Path, **review: object) -> Workflow:
    """A step that fails until there is a file at `flag`."""

    def fetch(step_input: StepInput) -> StepOutput:
        if not flag.exists():
            raise ValueError("no such release")
        return StepOutput(content="fetched")

    rules = HumanReview(on_error="pause", **review)
    return Workflow(
        name="broken",
        steps=[step("build"), Step(name="fetch", executor=fetch, max_retries=0, human_review=rules), step("tell")],
    )


def forked() -> Workflow:
    """A condition that a person decides."""
    rules = HumanReview(requires_confirmation=True, confirmation_message="Go public?", on_reject="else_branch")
    return Workflow(
        name="forked",
        steps=[
            Condition(
                name="publicity",
                evaluator=True,
                steps=[step("announce")],
                else_steps=[step("whisper")],
                human_review=rules,
            )
        ],
    )
