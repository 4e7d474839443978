"""A class of a script is named as whoever imports the script names it, and comes back in either of the two."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, sys
from pydantic import BaseModel
from agno_temporal.agno_bridge.values import decode, encode

class Topic(BaseModel):
    title: str

if __name__ == "__main__":
    if "twice" in sys.argv:
        import pipeline
    if "read" in sys.argv:
        found = decode(json.loads(sys.argv[2]))
        print(type(found) is Topic, found.title)
    else:
        print(json.dumps(encode(Topic(title="bees"))))
"""

IMPORTED = """
import json, sys
sys.path.insert(0, {root!r})
import {name}
from agno_temporal.agno_bridge.values import decode
found = decode(json.loads({data!r}))
print(type(found) is {name}.Topic, found.title)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.py"
    path.write_text(SCRIPT)
    return path


def said(*arguments: str | Path) -> str:
    done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_process_that_imports_the_script_reads_what_the_script_wrote(script: Path) -> None:
    data = said(script)
    assert json.loads(data)["class"] == "pipeline:Topic"
    assert said("-c", IMPORTED.format(root=str(script.parent), name="pipeline", data=data)) == "True bees"


def test_the_script_reads_what_a_process_that_imports_it_wrote(script: Path) -> None:
    assert said(script, "read", said(script)) == "True bees"


def test_a_script_in_a_package_is_named_from_the_packages_root(script: Path) -> None:
    package = script.parent / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    data = said(script.rename(package / "pipeline.py"))
    assert json.loads(data)["class"] == "shop.pipeline:Topic"
    assert said("-c", IMPORTED.format(root=str(script.parent), name="shop.pipeline", data=data)) == "True bees"


def test_a_script_that_imports_itself_has_two_classes_and_keeps_them_apart(script: Path) -> None:
    assert json.loads(said(script, "twice"))["class"] == "__main__:Topic"


def test_a_class_that_was_written_in_no_file_is_told_to_be_moved(script: Path) -> None:
    data = said(script, "twice")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        said("-c", IMPORTED.format(root=str(script.parent), name="pipeline", data=data))
    assert "define it in a module that all processes import" in failed.value.stderr
