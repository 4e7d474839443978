"""Which version of the code a worker is, where Temporal is to choose a version for each run.

A worker that says so gets no run until its version is made the current one, and that is easily taken for a worker that
hangs: it says at its start what is to be done. Temporal's SDK reads no variable for either (temporalio 1.35),
so that the names of the variables are ours.
"""

from __future__ import annotations

import os
import shlex
from typing import Final

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from agno_temporal.connect.settings import BadSetting

DEPLOYMENT_VARIABLE: Final = "TEMPORAL_DEPLOYMENT_NAME"
BUILD_ID_VARIABLE: Final = "TEMPORAL_WORKER_BUILD_ID"
VERSIONING_VARIABLE: Final = "AGNO_TEMPORAL_VERSIONING"

BEHAVIOURS: Final = {"auto-upgrade": VersioningBehavior.AUTO_UPGRADE, "pinned": VersioningBehavior.PINNED}

MAX_LENGTH: Final = 255
"""Of the name, and of the build id: Temporal's own bound."""


def deployment_from(
    name: str | None = None, build_id: str | None = None, versioning: str | None = None
) -> WorkerDeploymentConfig | None:
    """What a worker is given as `deployment_config`; None where it is of no version. An option wins over its variable.

    Raises:
        BadSetting: One is missing, or is none that Temporal takes.
    """
    name = name or os.environ.get(DEPLOYMENT_VARIABLE) or None
    build_id = build_id or os.environ.get(BUILD_ID_VARIABLE) or None
    versioning = versioning or os.environ.get(VERSIONING_VARIABLE) or None
    if versioning is not None and versioning not in BEHAVIOURS:
        raise BadSetting(
            f"--versioning ({VERSIONING_VARIABLE}) is {versioning!r}, and has to be {' or '.join(BEHAVIOURS)}."
        )
    if name is None and build_id is None and versioning is None:
        return None
    if name is None or build_id is None:
        missing = f"--deployment ({DEPLOYMENT_VARIABLE})" if name is None else f"--build-id ({BUILD_ID_VARIABLE})"
        raise BadSetting(f"A worker with a version needs {missing} as well.")
    _check(f"--deployment ({DEPLOYMENT_VARIABLE})", name, without=".:")
    _check(f"--build-id ({BUILD_ID_VARIABLE})", build_id)
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(name, build_id),
        use_worker_versioning=True,
        default_versioning_behavior=BEHAVIOURS[versioning or "auto-upgrade"],
    )


def how_to_use(deployment: WorkerDeploymentConfig) -> str:
    """What an operator does to give a worker's version its runs."""
    version = deployment.version
    return (
        f"version {version.to_canonical_string()!r}: it gets runs once it is the current one ({made_current(version)})"
    )


def made_current(version: WorkerDeploymentVersion) -> str:
    """The command that gives new runs to a version."""
    name, build_id = shlex.quote(version.deployment_name), shlex.quote(version.build_id)
    return f"temporal worker deployment set-current-version --deployment-name {name} --build-id {build_id} --yes"


def given_to_none(current: WorkerDeploymentVersion) -> str:
    """The command that gives the runs of the current version to workers without one."""
    name = shlex.quote(current.deployment_name)
    return f"temporal worker deployment set-current-version --deployment-name {name} --unversioned --yes"


def worker_of(version: WorkerDeploymentVersion, task_queue: str) -> str:
    """The command that starts a worker of a version that pins its runs."""
    name, build_id = shlex.quote(version.deployment_name), shlex.quote(version.build_id)
    place = f"--task-queue {shlex.quote(task_queue)} --deployment {name} --build-id {build_id}"
    return f"agno-temporal worker module:workflow {place} --versioning pinned"


def _check(where: str, value: str, without: str = "") -> None:
    if len(value) > MAX_LENGTH or not value.isprintable() or " " in value or value.startswith("__"):
        rule = f"at most {MAX_LENGTH} characters without spaces and no '__' before"
        raise BadSetting(f"{where} is {value[:80]!r}, and has to be {rule}.")
    if bad := [letter for letter in without if letter in value]:
        raise BadSetting(f"{where} is {value!r}, and Temporal takes no {bad[0]!r} in it.")
