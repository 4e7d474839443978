"""Outgoing webhooks: endpoints as a deployer configures them, and one signed request to one of them."""

from agno_temporal.webhooks.endpoints import EVENTS, Webhook, WebhookError, Webhooks
from agno_temporal.webhooks.environment import FILE_VARIABLE, webhooks_from_environment

__all__ = ["EVENTS", "FILE_VARIABLE", "Webhook", "WebhookError", "Webhooks", "webhooks_from_environment"]
