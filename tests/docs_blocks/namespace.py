"""The Python of a page: its blocks in order, in one namespace, as a reader would type them.

A block may await at its top level, as in a notebook. All of a page's coroutines run on one loop, because a client
belongs to the loop that it was connected on; between them no loop runs, so that blocks may call synchronously too.

What a block prints stands below it in lines that begin with ``# >``, and is compared.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import linecache
import re
import types
from collections.abc import Callable, Mapping
from typing import Any

from tests.docs_blocks.masks import difference
from tests.docs_blocks.pages import Block

Fixtures = Mapping[str, Callable[[], Any]]


class Namespace:
    """What a page's blocks see."""

    def __init__(self, fixtures: Fixtures, module: str) -> None:
        self._fixtures = fixtures
        self._runner = asyncio.Runner()
        self._module = types.ModuleType(module)

    def run(self, block: Block) -> None:
        variables = self._module.__dict__
        for wanted in filter(None, block.mark.get("with", "").split(",")):
            assert wanted in self._fixtures, f"{block.place}: there is no fixture {wanted!r}"
            made = self._fixtures[wanted]()
            variables[wanted] = self._runner.run(made) if inspect.isawaitable(made) else made
        linecache.cache[block.place] = (len(block.text), None, block.text.splitlines(True), block.place)
        code = compile(block.text, block.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if code.co_flags & inspect.CO_COROUTINE:
                self._runner.run(types.FunctionType(code, variables)())
            else:
                exec(code, variables)
        shown = re.findall(r"^\s*# >(.*)$", block.text, flags=re.MULTILINE)
        differs = difference("\n".join(shown), printed.getvalue())
        assert differs is None, f"{block.place}: {differs}\n{printed.getvalue()}"

    def close(self) -> None:
        self._runner.close()
