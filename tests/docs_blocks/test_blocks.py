"""Every block of code of README and docs/ is run, page by page, in its order."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.docs_blocks.masks import json_difference
from tests.docs_blocks.namespace import Namespace
from tests.docs_blocks.pages import LANGUAGES, PAGES, Block, blocks, name
from tests.docs_blocks.shell import Shell

WITH_BLOCKS = [page for page in PAGES if any(block.language != "text" for block in blocks(page))]


@pytest.fixture
def shell(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shell]:
    directory = tmp_path / "page"
    directory.mkdir()
    shell = Shell(directory, lambda: request.getfixturevalue("warm"))
    yield shell
    shell.stop()


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """What a page asks for is made then: few pages need everything."""
    fixtures = {
        "runtime": lambda: request.getfixturevalue("runtime"),
        "server": lambda: request.getfixturevalue("server"),
    }
    namespace = Namespace(fixtures, request.node.name)
    yield namespace
    namespace.close()


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_every_block_does_what_the_page_says(
    page: Path, shell: Shell, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shell.directory)
    monkeypatch.setenv("AGNO_TELEMETRY", "false")
    monkeypatch.syspath_prepend(str(shell.directory))
    _skip_without(blocks(page), "curl", "jq")
    before = ""
    for block in blocks(page):
        if block.reason is None:
            _run(block, shell, namespace, before)
        before = block.language


def _skip_without(page: list[Block], *programs: str) -> None:
    """Where a page needs a program that this machine lacks. A machine that checks changes has to have it."""
    said = " ".join(block.text for block in page if block.language in ("sh", "console"))
    missing = [one for one in programs if re.search(rf"\b{one} ", said) and shutil.which(one) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"this page needs {', '.join(missing)}")


def _run(block: Block, shell: Shell, namespace: Namespace, before: str) -> None:
    if block.title is not None:
        file = shell.directory / block.title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    match block.language:
        case "python" if block.title is None:
            namespace.run(block)
        case "python":
            compile(block.text, block.place, "exec", dont_inherit=True)
        case "sh" | "console":
            shell.run(block)
        case "json":
            shown = json.loads(block.text)
            if before in ("sh", "console"):
                differs = json_difference(shown, json.loads(shell.printed))
                assert differs is None, f"{block.place}: {differs}\n{shell.printed}"
        case "toml":
            tomllib.loads(block.text)
        case "yaml":
            list(yaml.safe_load_all(block.text))


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=name)
def test_every_file_of_a_page_is_used_on_it(page: Path) -> None:
    later = ""
    for block in reversed(blocks(page)):
        if block.title is not None and block.title.endswith(".py"):
            stem = Path(block.title).stem
            assert re.search(rf"\b{stem}(\.py|:)|(import|from) {stem}\b", later), f"{block.place}: nothing uses it"
        later += block.text


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_is_of_a_language_that_is_run(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= set(LANGUAGES)
