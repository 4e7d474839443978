"""`dev`: a port for what is not served is refused."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli


@pytest.mark.parametrize("what", ["ui", "api"])
async def test_a_port_of_what_is_left_out_is_wrong_usage(cli: Cli, what: str):
    said = await cli.refused(2, "dev", "nowhere.py", f"--no-{what}", f"--{what}-port", "8080")
    assert f"--no-{what} goes with no --{what}-port." in said
