"""The examples of `examples.pauses`, played with scripted answers: what they print is what their reader sees."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from agno.db.sqlite import SqliteDb

from agno_temporal import embedded
from agno_temporal.runtime import Embedded
from examples.pauses import (
    condition_else,
    confirmation,
    error_pause,
    external_execution,
    loop_review,
    nested_gates,
    output_review,
    pause_decorator,
    route_selection,
    streaming,
    timeout,
    tool_confirmation,
    tool_input,
    user_input,
)
from examples.pauses.answering import script


@pytest.fixture(scope="module")
def runtime() -> Iterator[Embedded]:
    with embedded() as runtime:
        yield runtime


@pytest.mark.parametrize(
    ("example", "answers", "content"),
    [
        pytest.param(confirmation, ["y"], "Mailing list: removed ben@example.org, eve@example.org.", id="confirmed"),
        pytest.param(confirmation, ["n"], "Mailing list: nobody removed.", id="refused"),
        pytest.param(
            user_input, ["firm", "10", "2.5"], "Firm reminder, 10 days to pay, fee 2.50", id="a form, filled in"
        ),
        pytest.param(
            user_input,
            ["friendly", "14", ""],
            "Friendly reminder, 14 days to pay, fee 0.00",
            id="an optional field",
        ),
        pytest.param(
            user_input,
            ["gruff", "10", "2.5", "firm", "10", ""],
            "Firm reminder, 10 days to pay, fee 0.00",
            id="a form filled in anew",
        ),
        pytest.param(output_review, ["yes"], "Sent: Letter (News (October))", id="a draft approved"),
        pytest.param(
            output_review,
            ["no", "shorter", "no", "plainer", "yes"],
            "Sent: Letter (News (October)), revised: plainer",
            id="a draft sent back twice",
        ),
        pytest.param(output_review, ["edit", "All is well."], "Sent: All is well.", id="a draft edited"),
        pytest.param(pause_decorator, ["50", "y"], "Paid back: 30.00 of 60.00 for order 7", id="@pause, confirmed"),
        pytest.param(pause_decorator, ["50", "n"], "30.00 of 60.00 for order 7", id="@pause, refused"),
        pytest.param(
            route_selection,
            ["scale_up roll_back"],
            "Handled: two more workers are running, then the release is rolled back.",
            id="two routes, in their order",
        ),
        pytest.param(route_selection, ["wake_up"], "Handled: the team's lead is called.", id="one route"),
        pytest.param(loop_review, ["y"], "Printed: Translation (the manual)", id="the first pass accepted"),
        pytest.param(
            loop_review,
            ["n", "shorter", "n", "plainer", "y"],
            "Printed: Translation (the manual), revised: plainer",
            id="the third pass accepted",
        ),
        pytest.param(
            loop_review,
            ["n", "", "n", "", "n", "last words"],
            "Printed: Translation (the manual), revised: last words",
            id="no question after the last pass",
        ),
        pytest.param(
            condition_else,
            ["y"],
            "Paid (invoice 311: 9,800.00, three times the usual)",
            id="the if branch",
        ),
        pytest.param(
            condition_else,
            ["n"],
            "Queried with the supplier (invoice 311: 9,800.00, three times the usual)",
            id="the else branch",
        ),
        pytest.param(error_pause, ["skip"], "database: not restored", id="a failure skipped"),
        pytest.param(
            tool_confirmation, ["y"], "Log: checkout answers in 9 s; checkout is restarted", id="a tool allowed"
        ),
        pytest.param(
            tool_confirmation,
            ["n", "payday is tomorrow"],
            "Log: checkout answers in 9 s; payday is tomorrow",
            id="a tool refused",
        ),
        pytest.param(
            tool_input, ["C-40", "12"], "Booked: the attic with 12 seats, paid by C-40", id="a tool's arguments"
        ),
        pytest.param(external_execution, ["2.4"], "Label: parcel 12, 2.4 kg", id="a result from outside"),
        pytest.param(nested_gates, ["y", "y"], "Dear customer: account 7 is deleted.", id="both gates opened"),
        pytest.param(
            nested_gates,
            ["y", "n"],
            "Dear customer: this is another customer's account.",
            id="the second gate kept shut",
        ),
        pytest.param(nested_gates, ["n"], "Dear customer: we keep your data.", id="the first gate kept shut"),
        pytest.param(error_pause, ["retry", "20", "retry", "60"], "database: restored", id="a failure mended"),
    ],
)
def test_the_answers_decide_what_comes_of_it(runtime: Embedded, monkeypatch, example, answers, content) -> None:
    monkeypatch.setitem(error_pause.DISK, "free", 10)
    run = example.play(runtime.durable(example.workflow), script(*answers))
    assert (run.status.value, run.content) == ("COMPLETED", content)


def test_the_timer_approves_the_summary_and_refuses_the_credit_while_nobody_calls(runtime: Embedded) -> None:
    run = timeout.play(runtime.durable(timeout.workflow))
    assert run.content == "Summary of incident 88: 14 minutes of errors, cause found. Nobody is credited."
    assert [one.on_timeout for one in run.step_requirements] == ["approve", "reject"]


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        ("y", ["  publish begins", "  publish: Online: 212 prices, 3 changed", "Online: 212 prices, 3 changed"]),
        ("n", ["Workflow cancelled: Step 'publish' was rejected"]),
    ],
)
def test_a_stream_ends_at_the_pause_and_goes_on_behind_it(runtime: Embedded, tmp_path, capsys, answer, rest) -> None:
    db = SqliteDb(db_file=str(tmp_path / "runs.db"))
    streaming.play(runtime.durable(streaming.price_list(db)), script(answer))
    assert capsys.readouterr().out.splitlines() == [
        "  check begins",
        "  check: 212 prices, 3 changed",
        "  publish waits",
        f"Put the prices online? (y/n) {answer}",
        *rest,
    ]


@pytest.mark.parametrize(
    ("name", "last_line"),
    [
        ("condition_else", "Queried with the supplier (invoice 311: 9,800.00, three times the usual)"),
        ("confirmation", "Mailing list: removed ben@example.org, eve@example.org."),
        ("error_pause", "database: restored"),
        ("external_execution", "Label: parcel 12, 2.4 kg"),
        ("nested_gates", "Dear customer: account 7 is deleted."),
        ("tool_confirmation", "Log: checkout answers in 9 s; checkout is restarted"),
        ("tool_input", "Booked: the attic with 12 seats, paid by C-40"),
        ("loop_review", "Printed: Translation (the manual), revised: shorter sentences"),
        ("output_review", "Sent: Letter (News (October)), revised: name the contributors"),
        ("pause_decorator", "Paid back: 30.00 of 60.00 for order 7"),
        ("route_selection", "Handled: two more workers are running, then the release is rolled back."),
        ("streaming", "Online: 212 prices, 3 changed"),
        ("timeout", "Summary of incident 88: 14 minutes of errors, cause found. Nobody is credited."),
        ("user_input", "Firm reminder, 10 days to pay, fee 0.00"),
    ],
)
def test_without_a_person_it_runs_with_its_own_answers(monkeypatch, capsys, name: str, last_line: str) -> None:
    monkeypatch.setattr("sys.argv", [name])
    monkeypatch.setitem(error_pause.DISK, "free", 10)
    importlib.import_module(f"examples.pauses.{name}").main()
    assert capsys.readouterr().out.splitlines()[-1] == last_line


def test_a_person_is_asked_where_the_example_is_started_so(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["confirmation", "--ask"])
    typed = iter(["n"])
    monkeypatch.setattr("builtins.input", lambda question: next(typed))
    confirmation.main()
    assert capsys.readouterr().out.splitlines()[-1] == "Mailing list: nobody removed."
