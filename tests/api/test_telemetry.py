"""Telemetry: one trace from whoever starts or decides to the steps that it sets in motion, and nothing in history."""

from __future__ import annotations

import pytest
from agno.workflow import HumanReview, Step, StepInput, Workflow
from opentelemetry import trace
from opentelemetry.baggage import set_baggage
from opentelemetry.context import attach, detach
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.telemetry import trace_requests
from agno_temporal.connect.tracing import TracingPlugin
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.delivery import AgnoDelivery
from agno_temporal.workflows.uninterrupted import Uninterrupted
from tests.api.served import over
from tests.api.traces import Traces
from tests.replay.corpus import NAMES, history_of, replay
from tests.support import Bench

START, DECIDE = "POST /v1/runs", "POST /v1/runs/{run_id}/requirements/{requirement_id}/confirm"
STARTED = [START, "StartWorkflow:traced", "StartActivity:agno.run_step", "RunActivity:agno.run_step", "in a"]
DECIDED = [DECIDE, "StartWorkflowUpdate:decide", "StartActivity:agno.run_step", "RunActivity:agno.run_step"]


@pytest.fixture
def traces() -> Traces:
    return Traces()


@pytest.fixture
def traced(server: str, bench: Bench, client: Client, traces: Traces) -> Bench:
    """The bench, with a client that traces."""
    config = client.config()
    config["plugins"] = [TracingPlugin(traces.provider)]
    return Bench(Client(**config), bench.task_queue)


def traced_workflow(traces: Traces) -> Workflow:
    tracer = trace.get_tracer("user", tracer_provider=traces.provider)

    def a(step_input: StepInput) -> str:
        with tracer.start_as_current_span("in a"):
            return "a"

    def b(step_input: StepInput) -> str:
        with tracer.start_as_current_span("in b"):
            return "b"

    gate = HumanReview(requires_confirmation=True)
    return Workflow(name="traced", steps=[Step(name="a", executor=a), Step(name="b", executor=b, human_review=gate)])


async def run_through(bench: Bench, traces: Traces, starting: Bench | None = None) -> str:
    """One run over HTTP, started and confirmed; the start may come from elsewhere."""
    workflow = traced_workflow(traces)
    app = create_app(new_service([workflow], bench.client, task_queue=bench.task_queue))
    trace_requests(app, traces.provider)
    async with bench.worker(workflow), over(app, "/v1") as http:
        if starting is not None:
            run_id = await starting.start(workflow, "go")
        else:
            run_id = str((await http.post("/runs", json={"workflow_id": "traced", "input": "go"})).json()["run_id"])
        (asked,) = await bench.paused(run_id)
        answer = await http.post(f"/runs/{run_id}/requirements/{asked.requirement.id}/confirm", json={})
        assert answer.status_code == 200, answer.text
        assert (await bench.ended(run_id)).status == "COMPLETED"
        await http.get("/health")
    return run_id


async def history(bench: Bench, run_id: str) -> WorkflowHistory:
    return await bench.client.get_workflow_handle(run_id).fetch_history()


async def test_the_first_step_belongs_to_the_trace_of_the_start(traced: Bench, traces: Traces) -> None:
    await run_through(traced, traces)
    (step,) = traces.named("in a")
    assert traces.chain(step) == STARTED
    (run,) = traces.named("RunWorkflow:traced")
    assert traces.chain(run) == [*STARTED[:2], "RunWorkflow:traced"]


async def test_the_step_behind_a_gate_belongs_to_the_trace_of_the_decision(traced: Bench, traces: Traces) -> None:
    await run_through(traced, traces)
    (step,) = traces.named("in b")
    assert traces.chain(step) == [*DECIDED, "in b"]


async def test_the_trace_of_the_start_links_to_the_decision(traced: Bench, traces: Traces) -> None:
    await run_through(traced, traces)
    (handled,) = traces.named("HandleUpdate:decide")
    (sent,) = traces.named("StartWorkflowUpdate:decide")
    assert traces.chain(handled)[0] == START
    assert [link.context.span_id for link in handled.links] == [sent.context.span_id]


async def test_probes_have_no_spans(traced: Bench, traces: Traces) -> None:
    await run_through(traced, traces)
    assert {span.name for span in traces.spans if span.name.startswith(("GET", "POST"))} == {START, DECIDE}


async def test_a_refused_decision_moves_nothing_to_its_trace(traced: Bench, traces: Traces) -> None:
    tracer = trace.get_tracer("http", tracer_provider=traces.provider)
    workflow = traced_workflow(traces)
    async with traced.worker(workflow):
        run_id = await traced.start(workflow, "go")
        (asked,) = await traced.paused(run_id)
        confirm = Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana")
        with tracer.start_as_current_span("POST /refused"), pytest.raises(ValueError):  # noqa: PT011
            await traced.runs.decide(run_id, Decision(asked.requirement.id, Action.SELECT, selected=("x",)))
        with tracer.start_as_current_span("POST /decide"):
            await traced.runs.decide(run_id, confirm)
        await traced.ended(run_id)
    assert traces.chain(traces.named("in b")[0])[0] == "POST /decide"


async def test_nothing_is_traced_twice_when_a_worker_replays(traced: Bench, traces: Traces) -> None:
    workflow = traced_workflow(traces)
    async with traced.worker(workflow, max_cached_workflows=0):
        with trace.get_tracer("http", tracer_provider=traces.provider).start_as_current_span("POST /start"):
            run_id = await traced.start(workflow, "go")
        (asked,) = await traced.paused(run_id)
        await traced.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await traced.ended(run_id)
    assert len(traces.named("RunWorkflow:traced")) == len(traces.named("HandleUpdate:decide")) == 1
    assert len(traces.named("StartActivity:agno.run_step")) == len(traces.named("RunActivity:agno.run_step")) == 2


async def test_a_traced_run_has_the_history_of_any_other(traced: Bench, bench: Bench, traces: Traces) -> None:
    runs = [(one, await run_through(one, traces)) for one in (traced, bench)]
    kinds = [[event.event_type for event in (await history(one, run_id)).events] for one, run_id in runs]
    assert kinds[0] == kinds[1]


async def test_a_traced_run_replays_without_telemetry(traced: Bench, traces: Traces) -> None:
    run_id = await run_through(traced, traces)
    assert await replay(await history(traced, run_id))


async def test_a_run_that_was_started_without_telemetry_goes_on_with_it(
    traced: Bench, bench: Bench, traces: Traces
) -> None:
    await run_through(traced, traces, starting=bench)
    assert traces.named("RunWorkflow:traced") == []
    assert traces.chain(traces.named("in b")[0]) == [*DECIDED, "in b"]


async def test_the_recorded_histories_replay_with_telemetry(traces: Traces) -> None:
    replayer = Replayer(
        workflows=[AgnoRun, AgnoDelivery],
        plugins=[TracingPlugin(traces.provider)],
        unsandboxed_workflow_runner=Uninterrupted(),
    )
    for name in NAMES:
        await replayer.replay_workflow(history_of(name))
    assert traces.spans == ()


async def test_steps_stay_in_the_trace_of_the_decision_when_the_run_goes_on_in_a_new_history(
    traced: Bench, traces: Traces
) -> None:
    tracer = trace.get_tracer("http", tracer_provider=traces.provider)
    gate = HumanReview(requires_confirmation=True)
    steps = [Step(name=f"s{number}", executor=lambda _: "x") for number in range(8)]
    workflow = Workflow(name="long", steps=[Step(name="gate", executor=lambda _: "x", human_review=gate), *steps])
    async with traced.worker(workflow, continue_after=20):
        with tracer.start_as_current_span("POST /start"):
            run_id = await traced.start(workflow, "go")
        (asked,) = await traced.paused(run_id)
        with tracer.start_as_current_span("POST /decide"):
            await traced.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await traced.ended(run_id)
    assert (
        (await history(traced, run_id)).events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    )
    assert {traces.chain(one)[0] for one in traces.named("StartActivity:agno.run_step")} == {"POST /decide"}


async def test_baggage_stays_out_of_the_history(traced: Bench, traces: Traces) -> None:
    """Headers are in plain, also where everything else is encrypted."""
    token = attach(set_baggage("customer", "topsecret"))
    try:
        run_id = await run_through(traced, traces, starting=traced)
    finally:
        detach(token)
    assert b"topsecret" not in b"".join(one.SerializeToString() for one in (await history(traced, run_id)).events)
