"""Every field of every class that is written to a history, with the default that stands for it where it is left out.

Reading is by name, a missing field takes its default, and a field that holds its default is not written. So a renamed
field is lost without a word, and a changed default changes what old histories say. A field may be added, with a
default.
"""

import dataclasses
import json
from typing import Any

import pytest

from agno_temporal.plan.data import to_json
from tests.plan.wire import WIRE_CLASSES

CLASSES = {cls.__name__: cls for cls in WIRE_CLASSES}
PINNED = """
InputField: name field_type="str" description=null value=null required=true allowed_values=null
Review: requires_confirmation=false confirmation_message=null requires_user_input=false user_input_message=null
    user_input_schema=null output_review="none" output_review_message=null on_reject="skip" on_error="skip"
    max_retries=3 timeout=null on_timeout="cancel" iteration_review=false iteration_review_message=null
    allow_multiple_selections=false
StepOptions: start_to_close_timeout=null heartbeat_timeout=null retry_initial_interval=null retry_backoff=null
    retry_maximum_interval=null task_queue=null quick=null
StepNode: path name step_id executor executor_name=null max_retries=3 skip_on_failure=false review={} options={}
WorkflowNode: path name step_id workflow_id workflow_name steps session_state=null skip_on_failure=false review={}
    stream_executor_events=true metadata=null checks_input=false
StepsNode: path name step_id steps review={}
LoopNode: path name step_id steps max_iterations=3 end_condition="none" forward_iteration_output=false review={}
ConditionNode: path name step_id steps else_steps=[] evaluator="always" on_error="skip" review={}
RouterNode: path name step_id choices selector="none" review={}
ParallelNode: path name step_id steps
Plan: workflow_id workflow_name steps digest="" has_db=false store_executor_outputs=true
    stream_executor_events=true store_events=false events_to_skip=[] agent=null
Policy: on_reject="skip" on_timeout="cancel" max_retries=null timeout=null
Requirement: id path step_name step_index step_type kind occurrence opened_at deadline=null message=null schema=null
    policy={} retry_count=0 timer_rejections=0 feedback=null error=null
    form_message=null error_type=null choices=null allow_multiple_selections=false executor=null tools=[]
PausedExecutor: type id=null name=null run_id=null session_id=null
Option: label description=null
Choice: question header=null options=null multi_select=false
ToolQuestion: id requirement_id kind tool_name=null tool_args=null args_size=null form=[] choices=[] member=null
    shown=null keeps_default=[]
ToolAnswer: confirmed=null note=null values=null selections=null result=null
Decision: requirement_id action feedback=null values=null edited_output=null decided_by=null decision_id=null
    selected=null answers=null
Resolution: decision at
Refusal: code message winner=null open_requirement=null allowed=null errors=null fields=null choices=null
    deadline=null run_status=null
Leaf: activity_id digest size=0 success=true stop=false media=false error=null body=null edited=null has_edit=false
Made: step_name content step_id=null step_type=null executor_type=null executor_name=null success=true error=null
    stop=false
Group: step_name step_id step_type steps=[] content=null success=true stop=false edited=null has_edit=false run=null
    ran=true
NestedRun: run_id workflow_id workflow_name input duration metadata=null media=[]
RunInput:
MessageOf: output otherwise
Query: text
RunRequest: input=null additional_data=null session_id=null user_id=null session_state=null images=null videos=null
    audio=null files=null dependencies=null metadata=null add_dependencies_to_context=null
    add_session_state_to_context=null kwargs=null stream=false stream_events=false store_events=null kept_apart=false
OpenTask: workflow run_id request started_at cancelled=false is_new=false taken_at=null
OpenedRun: plan=null session_id="" user_id=null session_state=null metadata=null problem=null problem_type=null
    final=false audience=null continue_after=0 counted=false
Lead: seconds=null share=null
Listener: name events
Audience: listeners=[] reminders=[] by_run=false
Notice: id type at data to delay=0.0 while_open=null told_in=null
NotifyTask: notices=[] withdrawn=[]
DeliverTask: notice to
RunFacts: run_id="" workflow_id="" session_id="" plan_digest="" user_id=null metadata=null request=null
Named: name output
Listed: activity_id count
Flow: input={"kind":"run"} previous=[] media=[] with_additional_data=true listed=null
Extras: user_input=null previous_output=null rejection_feedback=null
EndCheck: loop_path iteration max_iterations earlier=[]
StepTask: facts path name occurrence flow max_retries=3 state=null extras=null end_check=null stream=false
    stream_events=false ends_only=false failures=0
Tried: result=null error=null error_type=null
StateChange: set removed=[]
StepResult: body digest size success=true stop=false media=false error=null change=null ends_loop=null pause=null
    events=null attempt=0
ContinueTask: facts path name paused answers max_retries=3 nested=false state=null end_check=null contents=null
    stream=false stream_events=false ends_only=false
ExecutorPause: executor tools
EvaluateTask: facts path name what flow state=null outputs=[] iteration=0 max_iterations=0 extras=null
Evaluated: value=false selected=[] change=null error=null error_type=null later=false
EventTimeTask: ordinals
EventTimes: times
Asked: requirement flow output=null resolution=null
NodeState: state occurrence=0
Manifest: run_id workflow_id status created_at session_id="" workflow_name=null user_id=null metadata=null
    session_state=null content=null content_of=null step_results=[] asked=[] paused_step_index=null
    paused_step_name=null cancellation_stage=null error_type=null duration=null quiet=false request=null
    plan_digest="" store_executor_outputs=true progress=null refused=[] agent=null events=null
    forgotten=null put_back=false as_of=null
Event: index kind at count=1 run="" path="" step_name=null step_id=null step_index=null parent_step_id=null
    output=null outputs=[] lengths=[] text=null number=null limit=null flag=null names=[] requirement_id=null
    activity_id=null attempt=0
EventRun: id workflow_id workflow_name depth=0 host_step_id=null
StoredEvents: events=[] runs=[] streamed=false stream_events=false skipped=[]
Counted: occurrence at
Raised: message error_type=null
Ran: leaf ends_loop=null pause=null
Told: answer
Asking: requirement_id decision=null
Done: path output=null ends_loop=null failed=null
Iterated: path iteration outputs=[] lengths=[] rejections=0 by_timer=0 feedback=null extras=null flow=null
Walked: results=[] content=null content_of=null
Branch: entries=[] change=null
Forked: branches
Parked:
Chapter: opened started_at session_state=null asked=[] approved=[] progress=null refused=[] occurrences=null events=null
    outputs=[] event_runs=[] inside=null reminders=null journal=[] forgotten=null events_packed=[] edited=0
PackedEvents: count end text
Continued: run_id chapter=null kept=[]
Kept: text
CarryTask: run_id kept=null outputs=[]
Carried: text=null results=null rest=[]
EventsAsked: after=-1 limit=1000
EventPage: run_id="" session_id="" events=[] runs=[] requirements=[] total=0 settled=false ended=false
    heard_all=false user_id=null
"""


def pinned() -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for word in PINNED.split():
        if word.endswith(":"):
            fields[word.removesuffix(":")] = current = []
        else:
            current.append(word)
    return fields


def written(cls: type[Any]) -> list[str]:
    """The fields as they are pinned: by name, with the JSON of the default where there is one."""
    return [
        field.name
        if field.default is dataclasses.MISSING
        else f"{field.name}={json.dumps(to_json(field.default), separators=(',', ':'))}"
        for field in dataclasses.fields(cls)
    ]


@pytest.mark.parametrize("name", pinned())
def test_no_field_is_renamed_or_removed_and_no_default_is_changed(name: str):
    assert set(pinned()[name]) - set(written(CLASSES[name])) == set()


@pytest.mark.parametrize("name", pinned())
def test_a_field_that_is_added_has_a_default(name: str):
    assert [field for field in written(CLASSES[name]) if field not in pinned()[name] and "=" not in field] == []


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_and_field_is_pinned(name: str):
    fields = written(CLASSES[name])
    assert set(fields) == set(pinned().get(name, [])), f"once it is released, pin it: {name}: {' '.join(fields)}"
