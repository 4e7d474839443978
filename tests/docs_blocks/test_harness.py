"""What runs the pages sees a page that is wrong: else all of them would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs_blocks.namespace import Namespace
from tests.docs_blocks.pages import ROOT, Block, blocks
from tests.docs_blocks.shell import Shell


def block(language: str, text: str, **mark: str) -> Block:
    return Block(ROOT / "README.md", 1, language, None, text, mark)


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    namespace = Namespace({}, "page")
    yield namespace
    namespace.close()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "page").mkdir()
    return Shell(tmp_path / "page", lambda: tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str], list[Block]]:
    def read(text: str) -> list[Block]:
        file = tmp_path / "page.md"
        file.write_text(text)
        return blocks(file)

    return read


@pytest.mark.parametrize(
    "text",
    ["print(1)\n# > 2\n", "print(1)\n", "1\n# > 1\n", "raise AssertionError\n"],
    ids=["another line", "a line that is not shown", "nothing", "an error"],
)
def test_python_that_does_not_do_what_is_shown_fails(namespace: Namespace, text: str) -> None:
    with pytest.raises(AssertionError):
        namespace.run(block("python", text))


def test_python_may_await_and_sees_what_was_before(namespace: Namespace) -> None:
    namespace.run(block("python", "import asyncio\nx = 1\n"))
    namespace.run(block("python", "await asyncio.sleep(0)\nprint(x)\n# > 1\n"))


@pytest.mark.parametrize(
    ("language", "text"),
    [("console", "$ echo one\ntwo\n"), ("console", "$ echo one\n"), ("sh", "false\n"), ("sh", "false\ntrue\n")],
    ids=["another line", "a line that is not shown", "a failure", "a failure in between"],
)
def test_commands_that_do_not_do_what_is_shown_fail(shell: Shell, language: str, text: str) -> None:
    with pytest.raises(AssertionError):
        shell.run(block(language, text))


def test_another_exit_code_than_the_one_that_is_named_fails(shell: Shell) -> None:
    shell.run(block("sh", "exit 5\n", exit="5"))
    with pytest.raises(AssertionError):
        shell.run(block("sh", "true\n", exit="5"))


def test_a_shell_keeps_variables_and_functions(shell: Shell) -> None:
    shell.run(block("sh", "export WHO=ana\ngreet() { echo hello $WHO; }\n"))
    shell.run(block("console", "$ greet\nhello ana\n"))


def test_a_comment_that_nobody_understands_is_an_error(page: Callable[[str], list[Block]]) -> None:
    with pytest.raises(ValueError, match="none of"):
        page("<!-- run: sometimes -->\n```sh\nls\n```\n")


def test_a_comment_is_of_the_block_behind_it(page: Callable[[str], list[Block]]) -> None:
    [first, second] = page('<!-- run: not=install -->\n```sh\nls\n```\n\n```python title="app.py"\n1\n```\n')
    assert (first.reason, second.reason, second.title) == ("install", None, "app.py")
