"""The packaged model as it really is, and the models that are refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matching.engine import encode
from matching.engine.encode import PACKAGED_SHA256, Encoder, ModelUnsound, check_packaged, packaged_folder, unit


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real model, loaded once for this file."""
    return Encoder()


def test_it_finds_the_very_weights_that_are_expected() -> None:
    check_packaged(packaged_folder())


def test_it_knows_its_name_without_loading_a_model() -> None:
    code = (
        "import sys; from matching.engine.encode import Encoder, packaged_folder; "
        "print(Encoder().name, packaged_folder().name, sorted({'torch', 'sentence_transformers'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == [f"all-MiniLM-L6-v2@{PACKAGED_SHA256[:12]}", "model", "[]"]


def test_it_refuses_weights_that_were_changed(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    with pytest.raises(ModelUnsound, match="damaged or not the model we know. Install"):
        check_packaged(tmp_path)


def test_it_refuses_a_package_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsound, match=r"model\.safetensors is missing"):
        check_packaged(tmp_path)


def test_it_checks_the_weights_before_it_loads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(encode, "packaged_folder", lambda: tmp_path)
    with pytest.raises(ModelUnsound, match="SHA-256"):
        Encoder().encode(["weave"])


def test_it_says_that_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "PACKAGE", "no_such_package_here")
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


@pytest.mark.model
def test_it_returns_unit_vectors_in_the_order_of_the_texts(encoder: Encoder) -> None:
    texts = ["shear sheep", "a much longer text about weaving willow baskets at home", "bees", "shear  sheep"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, 384) == (4, encoder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[3])
    for row, text in enumerate(texts):
        assert float(vectors[row] @ encoder.encode([text])[0]) > 0.99999


@pytest.mark.model
def test_it_sees_what_texts_mean(encoder: Encoder) -> None:
    wish, near, far = encoder.encode(["look after bees", "keep honeybees and their hives", "weld steel gates"])
    assert wish @ near > wish @ far + 0.2


@pytest.mark.model
def test_it_takes_no_texts_and_huge_texts(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    assert encoder.encode(["weave " * 100_000, "\u0000"]).shape == (2, 384)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_it_refuses_vectors_that_are_no_direction(bad: float) -> None:
    with pytest.raises(ModelUnsound, match="empty or not finite"), np.errstate(all="ignore"):
        unit(np.full((1, 3), bad, np.float32))
