"""Webhooks of a worker process, from the file that ``AGNO_TEMPORAL_WEBHOOKS`` names.

A TOML file, as Temporal's own profiles are, with the fields of `Webhooks` at the top and one table for each endpoint:

    remind_before = 0.25                 # a share of the time, or seconds before the deadline

    [endpoints.ops]
    url = "https://ops.example.org/hooks/agno"
    secret = ["env:OPS_SECRET", "file:/run/secrets/ops-old"]
    events = ["requirement.opened", "run.finished"]

A secret may stand in the file itself, but is better kept apart: ``env:NAME`` and ``file:PATH`` name where it is.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from agno_temporal.webhooks.endpoints import Webhook, WebhookError, Webhooks

FILE_VARIABLE = "AGNO_TEMPORAL_WEBHOOKS"

T = TypeVar("T")

_DURATIONS = ("retry_for", "look_for")


def webhooks_from_environment(environment: Mapping[str, str] = os.environ) -> Webhooks | None:
    """The webhooks that the environment names; None where it names none.

    Raises:
        WebhookError: The file cannot be read, or what is in it cannot be used.
    """
    file = environment.get(FILE_VARIABLE)
    if not file:
        return None
    try:
        content = tomllib.loads(Path(file).read_text())
    except (OSError, ValueError) as error:  # No path, no UTF-8 or no TOML.
        raise WebhookError(f"{FILE_VARIABLE}={file}: it cannot be read: {error}.") from error
    try:
        return _webhooks(content, environment)
    except WebhookError as error:
        raise WebhookError(f"{FILE_VARIABLE}={file}: {error}") from error


def _webhooks(content: dict[str, Any], environment: Mapping[str, str]) -> Webhooks:
    tables = content.pop("endpoints", {})
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise WebhookError("endpoints is to have a table for each webhook: [endpoints.NAME].")
    endpoints = [_endpoint(name, dict(table), environment) for name, table in tables.items()]
    for option in _DURATIONS:
        if option in content:
            content[option] = _duration(option, content[option])
    if "remind_before" in content:
        given = content["remind_before"]
        content["remind_before"] = [_lead(one) for one in (given if isinstance(given, list) else [given])]
    return _made(Webhooks, "", {"endpoints": endpoints, **content})


def _endpoint(name: str, table: dict[str, Any], environment: Mapping[str, str]) -> Webhook:
    if "name" in table:
        raise WebhookError(f"Webhook {name!r}: there is no field 'name': the table is called by it.")
    secrets = table.pop("secret", [])
    table["secret"] = [_secret(name, one, environment) for one in (secrets if isinstance(secrets, list) else [secrets])]
    return _made(Webhook, f"Webhook {name!r}: ", {"name": name, **table})


def _made(cls: type[T], where: str, given: dict[str, Any]) -> T:
    """What is given, as the class that it is for. Its own checks are of values; these are of the file."""
    known = {field.name: field.default is MISSING for field in fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(given.keys() - known.keys()):
        raise WebhookError(f"{where}there is no field {unknown[0]!r}; there are {', '.join(known)}.")
    if missing := [name for name, required in known.items() if required and name not in given]:
        raise WebhookError(f"{where}it has no {missing[0]}.")
    try:
        return cls(**given)
    except TypeError as error:
        raise WebhookError(f"{where}{error}.") from error


def _secret(name: str, given: Any, environment: Mapping[str, str]) -> str:
    where, _, place = str(given).partition(":")
    if where == "env":
        if place not in environment:
            raise WebhookError(f"Webhook {name!r}: its secret is to be in {place}, which is not set.")
        return environment[place].strip()
    if where == "file":
        try:
            return Path(place).read_text().strip()
        except (OSError, ValueError) as error:  # No path or no UTF-8.
            raise WebhookError(f"Webhook {name!r}: its secret cannot be read: {error}.") from error
    return str(given)


def _lead(given: Any) -> Any:
    """A number below 1 is a share, others are seconds."""
    return _duration("remind_before", given) if isinstance(given, int | float) and given >= 1 else given


def _duration(option: str, given: Any) -> timedelta:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise WebhookError(f"{option}={given!r} is no number of seconds.")
    try:
        return timedelta(seconds=given)
    except (OverflowError, ValueError) as error:
        raise WebhookError(f"{option}={given!r} is no number of seconds: {error}.") from error
