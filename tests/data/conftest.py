"""A receiver of webhooks, for what is told of runs that encrypt."""

from __future__ import annotations

from tests.webhooks.conftest import receiver

__all__ = ["receiver"]
