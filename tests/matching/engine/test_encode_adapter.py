"""The small difference on top of the packaged model: added exactly, and refused when it does not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.encode import ONNX, OPENVINO, PACKAGED_SHA256, REFERENCE, Encoder, ModelUnsound, apply, build
from matching.engine.encode.adapter import meta

QUERY = "encoder.layer.5.attention.self.query"
SAYS = {"base_sha256": PACKAGED_SHA256, "licence": "This product includes …", "name": "planted"}
TEXTS = ["keep bees", "graft old apple trees", "rebuild a gap in a drystone wall"]


def low_rank(name: str, rows: int, columns: int, rank: int, seed: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        f"{name}|a": random.integers(-127, 128, (rows, rank)).astype(np.int8),
        f"{name}|b": random.integers(-127, 128, (rank, columns)).astype(np.int8),
        f"{name}|sa": random.uniform(0.001, 0.01, rank).astype(np.float32),
        f"{name}|sb": random.uniform(0.001, 0.01, rank).astype(np.float32),
    }


def write(folder: Path, says: Any = SAYS, **parts: Any) -> Path:
    file = folder / "encoder.npz"
    np.savez(file, **({"meta": np.array(json.dumps(says))} | parts))
    return file


@given(rows=st.integers(1, 9), columns=st.integers(1, 9), rank=st.integers(1, 5), seed=st.integers(0, 99))
def test_it_adds_what_the_file_says(
    tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, rank: int, seed: int
) -> None:
    parts = low_rank("w", rows, columns, rank, seed)
    vector = np.random.default_rng(seed).standard_normal(rows).astype(np.float16)
    file = write(tmp_path_factory.mktemp("adapter"), **parts, **{"bias|d": vector})
    weights = {name: np.ones(shape, np.float32) for name, shape in (("w", (rows, columns)), ("bias", rows), ("o", 3))}
    changed = apply(weights, file)
    for row in range(rows):
        assert changed["bias"][row] == pytest.approx(1 + float(vector[row]), abs=1e-6)
        for column in range(columns):
            exact = sum(
                float(parts["w|a"][row, k]) * float(parts["w|sa"][k])
                * float(parts["w|b"][k, column]) * float(parts["w|sb"][k]) for k in range(rank)
            )  # fmt: skip
            assert changed["w"][row, column] == pytest.approx(1 + exact, abs=1e-4)
    assert changed["o"] is weights["o"]
    assert np.all(weights["w"] == 1) and changed["w"].dtype == np.float32


WEIGHTS = {"w": np.ones((4, 3), np.float32), "v": np.ones(4, np.float32)}


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (low_rank("w", 4, 4, 2), r"w \[4, 4\] does not fit"),
        (low_rank("unknown", 4, 3, 2), "unknown .* does not fit"),
        (low_rank("w", 4, 3, 2) | {"w|sa": np.ones(3, np.float32)}, "entries of w have a wrong"),
        (low_rank("w", 4, 3, 2) | {"w|a": np.ones((4, 2), np.float32)}, "entries of w have a wrong"),
        (low_rank("w", 4, 3, 2) | {"w|sb": np.array([1, np.nan], np.float32)}, "not finite"),
        ({"v|d": np.ones(5, np.float16)}, r"v \[5\] does not fit"),
        ({"v|d": np.ones(4, np.float64)}, "entries of v have a wrong"),
        ({"v|d": np.full(4, np.inf, np.float16)}, "not finite"),
        ({"w|a": np.ones((4, 2), np.int8)}, "entries of w have a wrong"),
        ({"nonsense": np.ones(1)}, "entries of no parameter have a wrong"),
        ({"w|d": np.array([object()])}, "damaged"),
    ],
)
def test_it_refuses_what_does_not_fit(tmp_path: Path, parts: dict[str, Any], why: str) -> None:
    with pytest.raises(ModelUnsound, match=f"encoder.npz cannot be used: .*{why}.*Fetch") as trouble:
        apply(WEIGHTS, write(tmp_path, **parts))
    assert "\n" not in str(trouble.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"nothing"])
def test_it_refuses_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "encoder.npz"
    file.write_bytes(content)
    with pytest.raises(ModelUnsound, match="damaged"):
        apply(WEIGHTS, file)


def test_it_refuses_a_file_that_was_changed(tmp_path: Path) -> None:
    file = write(tmp_path, **low_rank("w", 4, 3, 2))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelUnsound):
        apply(WEIGHTS, file)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({}, "names base_sha256"),
        ([1], "names base_sha256"),
        ({"base_sha256": "0" * 64}, "made for weights 000000000000…"),
    ],
)
def test_it_must_say_which_weights_it_was_made_for(tmp_path: Path, says: Any, why: str) -> None:
    assert meta(write(tmp_path), PACKAGED_SHA256) == SAYS
    with pytest.raises(ModelUnsound, match=why):
        meta(write(tmp_path, says), PACKAGED_SHA256)
    np.savez(tmp_path / "encoder.npz", other=np.ones(1))
    with pytest.raises(ModelUnsound, match="no JSON"):
        meta(tmp_path / "encoder.npz", PACKAGED_SHA256)


@pytest.mark.model
def test_every_runtime_runs_the_adapted_model(tmp_path: Path) -> None:
    adapter = write(tmp_path, **low_rank(f"{QUERY}.weight", 384, 384, 4), **{f"{QUERY}.bias|d": np.ones(384, "f2")})
    assert build.main(["", str(adapter), str(tmp_path / "models")]) == 0
    here: dict[str, Any] = {"models": tmp_path / "models", "can_build": False, "adapter": adapter}
    found = {runtime: Encoder(runtime=runtime, **here).encode(TEXTS) for runtime in (REFERENCE, OPENVINO, ONNX)}
    by_hand, bare = Encoder(adapter=adapter).encode(TEXTS), Encoder(adapter=Path("none")).encode(TEXTS)
    for vectors in found.values():
        assert (vectors * by_hand).sum(axis=1).min() > 0.999
        assert (vectors * bare).sum(axis=1).max() < 0.99
    said = json.loads((tmp_path / "models" / Encoder(adapter=adapter).name / "prepared.json").read_text())
    assert said["adapter"] == SAYS


@pytest.mark.model
def test_an_adapter_of_a_wrong_width_stops_the_build(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    adapter = write(tmp_path, **low_rank(f"{QUERY}.weight", 384, 380, 4))
    assert build.main(["", str(adapter), str(tmp_path / "models")]) == 1
    assert "does not fit the packaged model" in capsys.readouterr().err
    assert not list((tmp_path / "models").glob("[!.]*"))
    with pytest.raises(ModelUnsound, match="does not fit"):
        Encoder(adapter=adapter).encode(TEXTS)
