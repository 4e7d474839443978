"""A kill at every event of a history: whatever dies there, the run ends as if nothing had."""

import pytest

pytest.register_assert_rewrite("tests.unkillable.holding", "tests.unkillable.reviewer", "tests.unkillable.story")
