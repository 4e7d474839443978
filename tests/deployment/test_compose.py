"""docker-compose.yml: in order, healthy before it is needed, closed to the outside, and without a secret."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from tests.deployment.compose import FILE, PASSWORDS, Missing, services, variables
from tests.docs_blocks.pages import ROOT

OURS = ("worker", "api")


def test_each_waits_for_what_it_needs() -> None:
    names = list(services())
    for before, after in (
        ("postgres", "schema"),
        ("schema", "temporal"),
        ("temporal", "namespace"),
        ("namespace", "worker"),
        ("namespace", "api"),
        ("postgres", "worker"),
        ("temporal", "ui"),
    ):
        assert before in services()[after]["depends_on"], f"{after} does not wait for {before}"
        assert names.index(before) < names.index(after)


def test_what_stays_is_waited_for_until_it_is_healthy_and_what_ends_until_it_has() -> None:
    known = services()
    for name, service in known.items():
        for needed, how in service.get("depends_on", {}).items():
            ends = not known[needed]["restart"].startswith("unless")
            wanted = "service_completed_successfully" if ends else "service_healthy"
            assert how == {"condition": wanted}, f"{name} waits wrongly for {needed}"
            assert ends or "healthcheck" in known[needed]


@pytest.mark.parametrize("name", ["postgres", "temporal", *OURS])
def test_what_stays_says_whether_it_is_healthy(name: str) -> None:
    check = services()[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


def test_only_the_api_and_the_ui_are_reached_from_outside_and_from_this_machine_alone() -> None:
    ports = {name: one["ports"] for name, one in services().items() if "ports" in one}
    assert set(ports) == {"api", "ui"}
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for many in ports.values() for port in many)


def test_images_are_pinned() -> None:
    for name, service in services().items():
        if name not in OURS:
            assert re.fullmatch(r"[\w/-]+:\d+\.\d+(\.\d+)?", service["image"]), service["image"]


def test_temporal_is_the_version_that_the_tests_run() -> None:
    said = subprocess.run([shutil.which("temporal") or "temporal", "--version"], capture_output=True, text=True).stdout
    server, ui = re.findall(r"(?:Server|UI) ([\d.]+)", said)
    known = services()
    assert known["temporal"]["image"] == f"temporalio/server:{server}"
    assert known["schema"]["image"] == known["namespace"]["image"] == f"temporalio/admin-tools:{server}"
    assert known["ui"]["image"] == f"temporalio/ui:{ui}"


def test_passwords_come_from_the_environment_and_there_is_none_to_begin_with() -> None:
    for missing in PASSWORDS:
        with pytest.raises(Missing, match=missing):
            services({name: value for name, value in PASSWORDS.items() if name != missing})
    raw = yaml.safe_load(FILE.read_text())["services"]
    for name, value in ((k, v) for one in raw.values() for k, v in one.get("environment", {}).items()):
        assert not re.search(r"PASSWORD|PWD|SECRET", name) or re.fullmatch(r"(\$\{\w+:\?[^}]+\})?", value), name
    example = (ROOT / ".env.example").read_text()
    assert re.findall(r"^(\w+)=(.*)$", example, flags=re.MULTILINE) == [(name, "") for name in PASSWORDS]


def test_every_variable_of_the_example_is_one() -> None:
    example = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert set(example) <= set(variables())


def test_the_files_that_it_mounts_are_there() -> None:
    for service in services().values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), source


@pytest.mark.parametrize("name", OURS)
def test_ours_have_no_rights_and_time_to_finish(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert int(service["stop_grace_period"].removesuffix("s")) > 10 + 5


def test_it_is_one_by_the_specification() -> None:
    """Its variables filled in, since their values are checked as well."""
    written = yaml.safe_load(FILE.read_text())
    document = {"name": written["name"], "services": services(), "volumes": written["volumes"]}
    known = PyCompose.from_yaml(yaml.safe_dump(document)).to_spec()
    assert known.services is not None
    assert set(known.services) == set(services())


def test_compose_itself_takes_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed")
    (tmp_path / "env").write_text("".join(f"{name}={value}\n" for name, value in PASSWORDS.items()))
    command = [docker, "compose", "--env-file", tmp_path / "env", "-f", FILE, "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["services"]) == set(services())
