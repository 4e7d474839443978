"""A file of what was measured, by name: what it has of others stays, so that parts can be measured again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def kept(path: Path) -> dict[str, Any]:
    """All that the file has; nothing, where there is none."""
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def keep(path: Path, name: str, data: Any) -> None:
    """Put this in the place of what the name had."""
    path.write_text(json.dumps(kept(path) | {name: data}, indent=1) + "\n")
