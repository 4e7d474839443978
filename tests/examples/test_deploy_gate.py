"""The deployment gate as a whole, run by plain agno against a real site."""

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agno.db.base import BaseDb
from agno.db.in_memory import InMemoryDb
from agno.db.sqlite import SqliteDb
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement

from examples.deploy_gate import DeployError, deploy_gate
from examples.site_server import serving

Release = Callable[[str], Path]
Deploy = Callable[..., WorkflowRunOutput]


@pytest.fixture(params=["in memory", "sqlite"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> BaseDb:
    return InMemoryDb() if request.param == "in memory" else SqliteDb(db_file=str(tmp_path / "runs.db"))


@pytest.fixture
def gate(db: BaseDb) -> Workflow:
    return deploy_gate(db=db)


@pytest.fixture
def deploy(gate: Workflow, site: Path, url: str) -> Deploy:
    """Starts a deployment, which runs up to the confirmation."""

    def start(release: Path, **others: Any) -> WorkflowRunOutput:
        return gate.run({"release": str(release), "site": str(site), "url": url, **others})

    return start


@pytest.fixture
def v1_is_live(gate: Workflow, deploy: Deploy, release: Release) -> str:
    """Deploys v1 and gives the target of the live link."""
    return str(fields(keep(gate, confirm(gate, deploy(release("v1")))).content)["live"])


def open_requirement(run: WorkflowRunOutput) -> StepRequirement:
    assert run.is_paused, f"the run does not wait: {run.status} {run.content}"
    assert run.step_requirements
    return run.step_requirements[-1]


def fields(content: Any) -> dict[str, Any]:
    """The content of a step or a run, which each step here returns as a dict."""
    assert isinstance(content, dict), content
    return content


def shown(question: StepRequirement) -> dict[str, Any]:
    """What the reviewer sees of the step before."""
    assert question.step_input
    return fields(question.step_input.get_step_content("compare"))


def confirm(gate: Workflow, run: WorkflowRunOutput) -> WorkflowRunOutput:
    open_requirement(run).confirm()
    return gate.continue_run(run)


keep = confirm


def reject(gate: Workflow, run: WorkflowRunOutput) -> WorkflowRunOutput:
    open_requirement(run).reject()
    return gate.continue_run(run)


def live(site: Path) -> str | None:
    return str((site / "live").readlink()) if (site / "live").is_symlink() else None


def served(url: str, page: str) -> str:
    with urllib.request.urlopen(f"{url}/{page}", timeout=5) as answer:
        return str(answer.read().decode())


def test_a_confirmed_release_is_served_and_then_reviewed(
    gate: Workflow, deploy: Deploy, release: Release, url: str, v1_is_live: str
) -> None:
    run = confirm(gate, deploy(release("v2")))

    review = open_requirement(run)
    assert review.step_name == "verify"
    assert review.is_post_execution
    assert review.step_output
    assert "all 4 files are as released" in fields(review.step_output.content)["summary"]
    assert "This is version 2" in served(url, "index.html")

    run = keep(gate, run)
    assert run.status == "COMPLETED"
    assert fields(run.content)["outcome"] == "released"
    assert fields(run.content)["previous"] == v1_is_live


def test_the_reviewer_sees_what_would_change_and_nothing_has_changed_yet(
    deploy: Deploy, release: Release, site: Path, v1_is_live: str
) -> None:
    question = open_requirement(deploy(release("v2")))

    assert question.step_name == "switch"
    assert shown(question)["added"] == ["forecast.html"]
    assert shown(question)["changed"] == ["index.html", "style.css", "version.txt"]
    assert shown(question)["removed"] == ["about.html"]
    assert shown(question)["live"] == v1_is_live == live(site)


def test_the_first_deployment_adds_everything(deploy: Deploy, release: Release, site: Path) -> None:
    question = open_requirement(deploy(release("v1")))

    assert shown(question)["added"] == ["about.html", "index.html", "style.css", "version.txt"]
    assert shown(question)["live"] is None
    assert live(site) is None


def test_a_rejected_confirmation_cancels_the_run_and_leaves_the_site_alone(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, v1_is_live: str
) -> None:
    run = reject(gate, deploy(release("v2")))

    assert run.status == "CANCELLED"
    assert live(site) == v1_is_live


def test_failing_checks_end_the_run_before_anybody_is_asked(deploy: Deploy, release: Release, site: Path) -> None:
    broken = release("v2")
    (broken / "site" / "forecast.html").unlink()

    with pytest.raises(
        DeployError, match=r"exit status 1(.|\n)*index\.html links to forecast\.html, which is not there"
    ):
        deploy(broken)
    assert not list(site.iterdir())


def test_a_failed_check_over_http_rolls_back_without_asking(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, tmp_path: Path, v1_is_live: str
) -> None:
    with serving(tmp_path / "somewhere else") as wrong_url:
        run = confirm(gate, deploy(release("v2"), url=wrong_url, verify_seconds=0.5))

    assert run.status == "COMPLETED"
    assert fields(run.content)["outcome"] == "rolled_back"
    assert "version.txt: status 404" in fields(run.content)["reason"]
    assert live(site) == v1_is_live


def test_a_rejected_review_rolls_back(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, url: str, v1_is_live: str
) -> None:
    run = reject(gate, confirm(gate, deploy(release("v2"))))

    assert fields(run.content)["outcome"] == "rolled_back"
    assert fields(run.content)["reason"] == "rejected in review"
    assert live(site) == v1_is_live
    assert "This is version 1" in served(url, "index.html")


def test_a_rejected_first_deployment_leaves_no_live_link(
    gate: Workflow, deploy: Deploy, release: Release, site: Path
) -> None:
    run = reject(gate, confirm(gate, deploy(release("v1"))))

    assert fields(run.content)["outcome"] == "rolled_back"
    assert fields(run.content)["live"] is None
    assert live(site) is None


def test_a_release_that_is_deployed_again_over_itself_stays_whatever_the_review_says(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, v1_is_live: str
) -> None:
    run = reject(gate, confirm(gate, deploy(release("v1"))))

    assert fields(run.content)["outcome"] == "unchanged"
    assert live(site) == v1_is_live


def test_an_edited_report_does_not_turn_a_release_into_a_failed_one(
    gate: Workflow, deploy: Deploy, release: Release, v1_is_live: str
) -> None:
    run = confirm(gate, deploy(release("v2")))
    open_requirement(run).edit("looks fine to me")

    assert fields(gate.continue_run(run).content)["outcome"] == "released"


def test_a_confirmation_is_void_if_the_live_site_has_changed_since(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, v1_is_live: str
) -> None:
    run = deploy(release("v2"))
    (site / "live").unlink()
    (site / "live").symlink_to("releases/hotfix")

    with pytest.raises(DeployError, match=r"points at releases/hotfix, not at releases/1\.0\.0-"):
        confirm(gate, run)
    assert live(site) == "releases/hotfix"


def test_a_confirmation_is_void_if_the_staged_files_have_changed_since(
    gate: Workflow, deploy: Deploy, release: Release, site: Path, v1_is_live: str
) -> None:
    run = deploy(release("v2"))
    (staged,) = (site / "releases").glob("2.0.0-*")
    (staged / "index.html").write_text("not what was reviewed")

    with pytest.raises(DeployError, match="no longer what was reviewed"):
        confirm(gate, run)
    assert live(site) == v1_is_live


def test_a_run_that_waited_in_the_database_goes_on_in_another_process(
    release: Release, site: Path, url: str, tmp_path: Path
) -> None:
    def reopened() -> Workflow:
        return deploy_gate(db=SqliteDb(db_file=str(tmp_path / "waiting.db")))

    started = reopened().run({"release": str(release("v1")), "site": str(site), "url": url}, session_id="s", run_id="r")
    assert started.is_paused
    for _ in ("confirmation", "review"):
        gate = reopened()
        stored = gate.get_run_output(run_id="r", session_id="s")
        assert isinstance(stored, WorkflowRunOutput)
        finished = confirm(gate, stored)

    assert fields(finished.content)["outcome"] == "released"


def test_an_unanswered_confirmation_counts_as_rejected_and_an_unanswered_review_as_approved(
    site: Path, url: str, release: Release
) -> None:
    gate = deploy_gate(confirm_timeout=60, review_timeout=30, db=InMemoryDb())

    run = gate.run({"release": str(release("v1")), "site": str(site), "url": url})
    question = open_requirement(run)
    review = open_requirement(confirm(gate, run))

    assert (question.on_timeout, question.on_reject) == ("reject", "cancel")
    assert question.timeout_at
    assert (review.on_timeout, review.on_reject) == ("approve", "skip")
    assert review.timeout_at


@pytest.mark.parametrize(
    ("spoiled", "complaint"), [({"url": "file:///etc"}, "url"), ({"relase": "v1"}, "relase"), ({"site": None}, "site")]
)
def test_an_input_that_makes_no_sense_is_refused_at_the_start(
    deploy: Deploy, release: Release, spoiled: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        deploy(release("v1"), **spoiled)
