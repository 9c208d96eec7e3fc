"""Which model is meant and what it is called, and the models that are refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matching.engine.encode import ONNX, PACKAGED_SHA256, REFERENCE, Encoder, ModelUnsound, reference, source, unit
from matching.engine.encode.source import check_packaged, packaged_folder

NONE = Path("there is no adapter here")


def test_it_finds_the_very_weights_that_are_expected() -> None:
    check_packaged(packaged_folder())


def test_it_knows_its_name_without_loading_a_model() -> None:
    code = (
        "import sys; from pathlib import Path; from matching.engine.encode import Encoder, packaged_folder; "
        "print(Encoder(adapter=Path('none')).name, packaged_folder().name, "
        "sorted({'torch', 'sentence_transformers', 'openvino', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    name, *others = said.split()
    assert name.startswith(f"all-MiniLM-L6-v2@{PACKAGED_SHA256[:12]}")
    assert others == ["model", "[]"]


def test_another_adapter_is_another_model(tmp_path: Path) -> None:
    adapter = tmp_path / "encoder.npz"
    names = [Encoder(adapter=adapter).name]
    for content in (b"one", b"two"):
        adapter.write_bytes(content)
        names.append(Encoder(adapter=adapter).name)
    assert len(set(names)) == 3
    assert len(names[1]) == len(names[2]) == len(names[0]) + 13


def test_it_refuses_weights_that_were_changed(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(ModelUnsound, match="damaged or not the model we know. Install"):
        check_packaged(tmp_path)


def test_it_refuses_a_package_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsound, match=r"model\.safetensors is missing"):
        check_packaged(tmp_path)


def test_it_checks_the_weights_before_it_loads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(source, "packaged_folder", lambda: tmp_path)
    monkeypatch.setattr(reference, "load", lambda *place: pytest.fail("it was loaded"))
    with pytest.raises(ModelUnsound, match="SHA-256"):
        Encoder(adapter=NONE).encode(["weave"])


def test_it_says_that_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PACKAGE", "no_such_package_here")
    with pytest.raises(ModelUnsound, match="not installed: run"):
        packaged_folder()


def test_it_says_that_a_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsound, match="does not exist. Correct the path"):
        _ = Encoder(str(tmp_path / "nowhere")).name


def test_it_takes_another_folder_and_names_its_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = Encoder(str(tmp_path)).name
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert before.startswith(f"{tmp_path.name}@")
    assert Encoder(str(tmp_path)).name != before


@pytest.mark.model
def test_it_says_what_to_do_about_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsound, match="could not be loaded.*Install the locked requirements"):
        Encoder(str(tmp_path)).encode(["weave"])


@pytest.mark.parametrize("more", [{}, {"models": Path("here")}])
def test_a_model_of_the_hub_is_read_by_sentence_transformers_alone(more: dict[str, Path]) -> None:
    with pytest.raises(ModelUnsound, match="cannot be run by onnxruntime"):
        Encoder("somebody/some-model", runtime=ONNX, **more).encode(["weave"])


def test_it_knows_no_other_runtime(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsound, match=f"choose from {REFERENCE}, openvino, onnxruntime"):
        Encoder(models=tmp_path, runtime="abacus")


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_it_refuses_vectors_that_are_no_direction(bad: float) -> None:
    with pytest.raises(ModelUnsound, match="empty or not finite"), np.errstate(all="ignore"):
        unit(np.full((1, 3), bad, np.float32))


def test_it_refuses_a_vector_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder()
    monkeypatch.setitem(encoder.__dict__, "_running", type("Lazy", (), {"read": lambda self, texts: np.ones((1, 3))})())
    assert encoder.encode(["bees"]).shape == (1, 3)
    with pytest.raises(ModelUnsound, match="1 vectors for 2 texts"):
        encoder.encode(["bees", "sheep"])
