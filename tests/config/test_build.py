"""`make run` on a fresh machine: what is there, what is half there, what must not be installed."""

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from config import environment
from config.environment import Trouble


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment folder of the test's own, with a Python that runs."""
    folder = tmp_path / "with space" / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment, "NOTE", folder / "scionwood.json")
    return folder


def test_it_leaves_a_finished_environment_alone(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "pip", lambda *_, **__: pytest.fail("there was nothing to install"))
    locks = [environment.lock_print("requirements.lock"), environment.lock_print("requirements-dev.lock")]
    environment.write_note(torch=environment.TORCH + "+cpu", locks=locks)
    environment.build(dev=True)
    environment.build(dev=False)


def test_it_removes_an_environment_whose_build_was_cut_off(venv: Path) -> None:
    environment.write_note(building=True)
    environment.remove_if_half_built()
    assert not venv.exists()


def test_it_removes_an_environment_whose_python_is_gone(venv: Path) -> None:
    environment.write_note(torch=environment.TORCH, locks=[])
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(venv / "nowhere")
    environment.remove_if_half_built()
    assert not venv.exists()


def test_it_keeps_an_environment_that_somebody_else_made(venv: Path) -> None:
    environment.remove_if_half_built()
    assert venv.exists()


def test_it_survives_a_note_that_cannot_be_read(venv: Path) -> None:
    (venv / "scionwood.json").write_text('{"locks": [')
    assert environment.read_note() == {}


def test_it_stops_before_the_first_download_when_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOM_NEEDED", shutil.disk_usage(environment.ROOT).total * 2)
    with pytest.raises(Trouble, match="free disk space"):
        environment.require_room()


@pytest.mark.parametrize(
    ("version", "cuda", "fits"),
    [
        ("2.13.0", "", True),
        ("2.13.0+cpu", "", True),
        ("2.13.0+cu130", "1", True),
        ("2.13.0+cpu", "1", False),
        ("2.13.1", "", False),
        ("", "", False),
    ],
)
def test_it_checks_the_version_of_torch(version: str, cuda: str, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_CUDA", cuda)
    assert environment.torch_fits(version) is fits


@pytest.mark.parametrize(("needs", "is_cuda"), [("nvidia-cudnn-cu13==9.20", True), ("sympy>=1.13", False)])
def test_it_sees_by_its_needs_that_a_build_pulls_in_cuda(
    needs: str, is_cuda: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "plainbuild-1.0-py3-none-any.whl", "w") as wheel:
        about = f"Metadata-Version: 2.1\nName: plainbuild\nVersion: 1.0\nRequires-Dist: {needs}\n"
        wheel.writestr("plainbuild-1.0.dist-info/METADATA", about)
        wheel.writestr("plainbuild-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("plainbuild-1.0.dist-info/RECORD", "")
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(environment, "VENV", Path(sys.prefix))
    assert environment.pulls_in_cuda("plainbuild==1.0") is is_cuda


def test_it_writes_the_note_last_and_whole(venv: Path) -> None:
    environment.write_note(locks=["a"])
    assert json.loads((venv / "scionwood.json").read_text()) == {"locks": ["a"]}
    assert not list(venv.glob("*.new"))
