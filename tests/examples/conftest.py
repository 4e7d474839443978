"""A site served over HTTP on this machine, and the sample releases to deploy to it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import examples
from examples.site_server import serving

SAMPLES = Path(examples.__file__).parent / "sample_release"


@pytest.fixture(autouse=True)
def no_model_provider_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("AGNO_TELEMETRY", "false")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site"
    path.mkdir()
    return path


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    with serving(site) as url:
        yield url


@pytest.fixture
def release(tmp_path: Path) -> Callable[[str], Path]:
    """Gives a copy of a sample release, "v1" or "v2", that a test may spoil."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(SAMPLES / name, tmp_path / "incoming" / name, dirs_exist_ok=True))

    return copy
