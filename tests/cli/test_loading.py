"""References: every way to name workflows, and how far a wrong one led."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest
from agno.workflow import Workflow

from agno_temporal.connect.loading import CannotLoad, load_workflows

SOURCE = """
import sys

from agno.workflow import Step, Workflow

def work(step_input):
    return "done"

def flow(name):
    return Workflow(name=name, steps=[Step(name="work", executor=work)])

one = flow("one")
two = flow("two")
several = [one, two]
nothing = []

def factory():
    return flow("made")

def factories():
    return (flow("made"), flow("too"))

async def later():
    return one

def breaks():
    raise RuntimeError("no database")

def leaves():
    sys.exit("no key")

def __getattr__(name):
    if name == "lazy":
        sys.exit(3)
    raise AttributeError(name)

class DurableWorkflow(Workflow):
    def __init__(self, inner):
        self.__dict__.update(inner.__dict__)
        self._workflow = inner

durable = DurableWorkflow(one)
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module in the current directory that no other test has loaded."""
    name = f"app_{uuid.uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


def names(*references: str) -> list[str | None]:
    return [workflow.name for workflow in load_workflows(references)]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("one", ["one"]),
        ("several", ["one", "two"]),
        ("factory", ["made"]),
        ("factories", ["made", "too"]),
        ("durable", ["one"]),
    ],
)
def test_an_object_of_a_module(app: str, named: str, expected: list[str]):
    assert names(f"{app}:{named}") == expected


def test_a_durable_workflow_stands_for_the_workflow_in_it(app: str):
    [found] = load_workflows([f"{app}:durable"])
    assert type(found) is Workflow


@pytest.mark.parametrize("form", ["{}", "{}.py", "./{}.py"])
def test_a_module_or_a_file_without_an_object_means_all_its_workflows_once(app: str, form: str):
    assert names(form.format(app)) == ["one", "two"]


def test_a_file_with_an_object(app: str):
    assert names(f"{app}.py:two") == ["two"]


def test_several_references_name_each_workflow_once(app: str):
    assert names(f"{app}:two", f"{app}:several") == ["two", "one"]


def test_a_file_of_a_package_is_imported_by_its_full_name(app: str, tmp_path: Path):
    package = tmp_path / f"shop_{app}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "orders.py").write_text(f"from .{app} import one\n")
    (tmp_path / f"{app}.py").rename(package / f"{app}.py")
    assert names(f"{package.name}/orders.py") == ["one"]
    assert f"{package.name}.orders" in sys.modules


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("{}:three", "has no 'three'. Its workflows are: one, two, durable."),
        ("{}:nothing", "is an empty list"),
        ("{}:work", "is a function that needs arguments"),
        ("{}:later", "is an async function"),
        ("{}:breaks", r"breaks\(\) fails: RuntimeError: no database \(.*{}.py, line 27\)"),
        ("{}:leaves", r"leaves\(\) fails: SystemExit: no key \(.*{}.py, line 30\)"),
        ("{}:lazy", r"'lazy' of module '{}' cannot be had: SystemExit: 3 \(.*{}.py, line 34\)"),
        ("{}:SOURCE", "has no 'SOURCE'"),
        ("{}:DurableWorkflow", "is the class DurableWorkflow"),
        ("nowhere_{}", "There is no module 'nowhere_{}'"),
        ("nowhere_{}.py", "There is no file .*nowhere_{}.py"),
    ],
)
def test_a_reference_that_leads_nowhere_says_where_it_ends(app: str, reference: str, why: str):
    with pytest.raises(CannotLoad, match=why.replace("{}", app)):
        load_workflows([reference.format(app)])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import not_installed_anywhere", r"No module named 'not_installed_anywhere' \(.*, line 1\)"),
        ("\n1 / 0", r"ZeroDivisionError: division by zero \(.*, line 2\)"),
        (
            "import sqlalchemy\nsqlalchemy.create_engine('nope')",
            r"Could not parse SQLAlchemy URL .* \(.*bad_.*, line 2\)",
        ),
        ("def", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("x = 1", "has no workflow at its top level. Name an object of it: .*:make_workflow"),
        (f"{SOURCE}\ndel one, two, durable", "has no workflow at its top level. Name an object of it: .*:several"),
        (
            "raise ModuleNotFoundError('No module named sqlalchemy', name='sqlalchemy.orm')",
            r"It comes with pip install 'agno-temporal\[sqlite\]' or pip install 'agno-temporal\[postgres\]'",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_says_why_and_where(app: str, tmp_path: Path, source: str, why: str):
    (tmp_path / f"bad_{app}.py").write_text(source)
    with pytest.raises(CannotLoad, match=why):
        load_workflows([f"bad_{app}"])


def test_a_file_whose_name_is_taken_is_refused(app: str, tmp_path: Path):
    (tmp_path / "json.py").write_text(SOURCE)
    with pytest.raises(CannotLoad, match="the module name 'json' is taken"):
        load_workflows(["json.py"])
