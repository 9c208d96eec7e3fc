"""Making a model ready: once, whole or not at all, and only what agrees with the reference is used."""

import json
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching.engine.encode import ONNX, OPENVINO, Encoder, ModelUnsound, Source, build, find, prepared
from matching.engine.encode.runtimes import OnnxRuntime, batches

from . import small_bert

pytestmark = pytest.mark.model

TEXTS = ["keep bees", "graft old apple trees", "bees"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with a tiny model."""
    return small_bert.write(tmp_path_factory.mktemp("small"))


@pytest.fixture
def source(small: Path) -> Source:
    return Source(str(small))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


Open = Callable[..., Encoder]


@pytest.fixture
def opened(small: Path, models: Path) -> Open:
    """opened(…) is an encoder as a web process has it: it makes nothing ready itself."""
    return lambda **more: Encoder(str(small), models=models, **{"can_build": False, **more})


def note(source: Source, models: Path) -> dict[str, Any]:
    found = json.loads((models / source.name / prepared.NOTE).read_text())
    assert isinstance(found, dict)
    return found


def test_it_writes_what_both_runtimes_read(source: Source, models: Path, opened: Open) -> None:
    build.build(source, models)
    expected = Encoder(source.choice).encode(TEXTS)
    for runtime in (OPENVINO, ONNX):
        assert (opened(runtime=runtime).encode(TEXTS) * expected).sum(axis=1).min() > 0.999
    assert note(source, models)["runtimes"] == {OPENVINO: "", ONNX: ""}
    assert opened().about.startswith("OpenVINO")


def test_it_is_made_in_a_process_of_its_own_and_only_once(small: Path, models: Path) -> None:
    said: list[str] = []
    encoder = Encoder(str(small), models=models)
    encoder.prepare(said.append)
    encoder.prepare(said.append)
    assert len(said) == 1 and encoder.name in said[0]
    assert [place.name for place in models.iterdir() if place.is_dir()] == [encoder.name]


def test_a_folder_may_be_named_from_where_one_stands(
    small: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.chdir(small.parent)
    monkeypatch.setattr(prepared.subprocess, "run", lambda command, **more: asked.append(command) or Done(1))
    with pytest.raises(ModelUnsound, match="the last line$"):
        Encoder(small.name, models=Path("models")).prepare()
    assert asked[0][-3] == str(small) and asked[0][-1] == str(small.parent / "models")


@dataclass
class Done:
    """A process that ended."""

    returncode: int
    stderr: str = "the first line\nthe last line\n"


def test_a_web_process_makes_nothing_ready(models: Path, opened: Open) -> None:
    with pytest.raises(ModelUnsound, match="is not made ready: run `python manage.py prepare`"):
        opened(runtime=ONNX).encode(TEXTS)
    assert not models.exists()


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokens.json"])
def test_it_sees_damage_and_makes_the_model_again(source: Source, models: Path, opened: Open, name: str) -> None:
    build.build(source, models)
    file = models / source.name / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelUnsound, match=f"{name} is damaged: run `python manage.py prepare`"):
        opened(runtime=ONNX).encode(TEXTS)
    build.build(source, models)
    assert opened(runtime=ONNX).encode(TEXTS).shape == (3, 24)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"form": 0}'])
def test_a_note_that_is_not_understood_is_none(source: Source, models: Path, content: str) -> None:
    (models / source.name).mkdir(parents=True)
    (models / source.name / prepared.NOTE).write_text(content)
    assert find(source, models) is None
    build.build(source, models)
    assert find(source, models) is not None


def test_other_packages_may_bring_other_vectors(source: Source, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build.build(source, models)
    found = find(source, models)
    assert found and found.is_current()
    monkeypatch.setattr(prepared, "versions", lambda: found.made_with | {"openvino": "3000.1"})
    assert not found.is_current()


class Contrary(OnnxRuntime):
    """A runtime that computes something else."""

    def run(self, ids: Any, mask: Any) -> Any:
        """Somewhat less of the first number."""
        return super().run(ids, mask) - np.eye(1, 24, dtype=np.float32) * 0.2


def test_a_runtime_that_disagrees_is_not_used(
    source: Source, models: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(build.RUNTIMES, OPENVINO, Contrary)
    build.build(source, models)
    assert "least cosine" in note(source, models)["runtimes"][OPENVINO]
    with caplog.at_level(logging.WARNING):
        assert opened().about == "ONNX Runtime f32"
    assert [record.getMessage().count("not run by openvino") for record in caplog.records] == [1]
    with pytest.raises(ModelUnsound, match="least cosine"):
        opened(runtime=OPENVINO).encode(TEXTS)


@pytest.mark.parametrize("when", ["then", "now"])
def test_a_package_that_is_missing_is_passed_over(
    source: Source, models: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    if when == "now":
        build.build(source, models)
    monkeypatch.setitem(sys.modules, "openvino", None)
    build.build(source, models)
    assert opened().about == "ONNX Runtime f32"
    with pytest.raises(ModelUnsound, match="OpenVino cannot run the model"):
        opened(runtime=OPENVINO).encode(TEXTS)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert opened().about == "sentence-transformers"
    assert opened().encode(TEXTS).shape == (3, 24)


def test_without_the_exporter_there_is_the_reference(
    source: Source, models: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    build.build(source, models)
    assert "the export needs a package" in note(source, models)["runtimes"][ONNX]
    assert opened().about == "sentence-transformers"


def test_another_kind_of_model_is_left_to_the_reference(tmp_path: Path, models: Path) -> None:
    folder = small_bert.write(tmp_path, pooling="cls")
    build.build(Source(str(folder)), models)
    encoder = Encoder(str(folder), models=models, can_build=False)
    assert encoder.about == "sentence-transformers"
    assert encoder.encode(TEXTS).shape == (3, 24)
    with pytest.raises(ModelUnsound, match="no BERT with mean pooling"):
        Encoder(str(folder), models=models, can_build=False, runtime=ONNX).encode(TEXTS)


def test_a_build_that_was_cut_off_leaves_nothing(source: Source, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(build, "disagreement", lambda *given: (_ for _ in ()).throw(OSError(28, "No space left")))
        assert build.main([source.choice, "none", str(models)]) == 1
    assert find(source, models) is None
    assert [place.name for place in models.iterdir()] == [".lock"]
    (models / ".new-killed").mkdir()
    build.build(source, models)
    assert sorted(place.name for place in models.iterdir()) == [".lock", source.name]


def test_two_at_once_build_it_once(source: Source, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled: list[Path] = []
    fill = build.fill
    monkeypatch.setattr(build, "fill", lambda source, place: (filled.append(place), fill(source, place)))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: build.build(source, models), range(2)))
    assert len(filled) == 1


def test_it_forgets_older_weights_of_the_same_choice_alone(source: Source, models: Path) -> None:
    for name, choice in (("older", source.choice), ("other", "elsewhere")):
        (models / name).mkdir(parents=True)
        (models / name / prepared.NOTE).write_text(json.dumps({"choice": choice, "name": name}))
    (models / "a folder of somebody's").mkdir()
    build.build(source, models)
    assert sorted(place.name for place in models.glob("[!.]*")) == ["a folder of somebody's", "other", source.name]


def test_it_says_in_one_line_why_it_could_not(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnsound, match=r"cannot be kept in .*file \(File exists\)\.$"):
        Encoder(str(small), models=tmp_path / "file").prepare()
    (tmp_path / "empty").mkdir()
    assert build.main([str(tmp_path / "empty"), "none", str(tmp_path / "models")]) == 1
    said = capsys.readouterr().err
    assert "could not be loaded" in said.splitlines()[-1]


@pytest.mark.parametrize("lengths", [[], [3], [5, 3, 3, 256, 4], [2] * 200, list(range(2, 257))])
def test_every_text_is_in_one_batch(lengths: list[int]) -> None:
    found = list(batches(lengths))
    assert sorted(place for batch in found for place in batch) == list(range(len(lengths)))
    for batch in found:
        longest = lengths[batch[-1]]
        assert longest == max(lengths[place] for place in batch)
        assert len(batch) == 1 or (len(batch) <= 64 and len(batch) * longest <= 1024)
