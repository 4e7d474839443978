"""Contents as plain JSON, exactly as a database's row has them.

The same question is read from its run and, without a worker, from its row; and what a reviewer sees is what an edit
sends back. So nothing may be missing here, nor be named otherwise there: both have one writer.
"""

from __future__ import annotations

from typing import Any

from agno_temporal.agno_bridge.row_values import row_value


def as_json(content: object) -> Any:
    """A content as plain JSON; what has no JSON form as its text."""
    return row_value(content, strict_text=False)
