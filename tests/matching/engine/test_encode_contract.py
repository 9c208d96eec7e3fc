"""What every way to run the packaged model must keep: one contract for all of them."""

import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.encode import cosine, long_texts, overlap, short_texts, stock_encode, weights_of
from matching.engine.encode import ONNX, OPENVINO, REFERENCE, Encoder, unit
from matching.engine.lexicon import gloss
from matching.engine.people import Matrix
from matching.engine.text import normalise
from tests.matching.ready import models

pytestmark = pytest.mark.model

IN_OTHER_WORDS = (
    "Wer zeigt mir, wie man Obstbäume veredelt?", "Ich suche jemanden mit einer Drehbank für lange Wellen",
    "Je cherche quelqu'un qui sache réparer un tracteur des années 60.", "Apprendre à tresser des paniers en osier",
    "Busco a alguien que me enseñe a hacer queso de cabra", "Ofrezco leña de encina, dos toneladas al mes",
    "Cerco qualcuno che insegni a rilegare i libri", "Szukam kogoś, kto nauczy mnie kowalstwa",
    "Хочу научиться плести корзины", "ミツバチの世話を教えてください", "谁能教我做豆腐？", "نبحث عن نجار",
    "מחפשת מישהו שילמד אותי לנפח", "Εργαστήριο κεραμικής ζητά μαθητευόμενο", "벌을 치는 법을 배우고 싶습니다",
    "12 m³ of sawdust a week, October–March", "3-phase, 400 V; 32 A", "CNC", "?", "naïve café façade", "🐝🐝🐝",
    "a" * 300, "weave willow baskets at home " * 60, "word " * 253, "word " * 254, "word " * 255, "word " * 256,
)  # fmt: skip


def varied() -> list[str]:
    """More than 200 texts: skills, what the demo's people say, other languages, long ones, odd ones."""
    return sorted({*short_texts()[::60], *long_texts()[::2], *map(normalise, IN_OTHER_WORDS)})


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return varied()


@pytest.fixture(scope="module")
def reference(texts: list[str]) -> Matrix:
    """What stock sentence-transformers says of the same weights, loaded apart from our code."""
    folder = weights_of(Encoder(models=models()), models())
    return unit(stock_encode(folder)([gloss(text) for text in texts]))


@pytest.fixture(scope="module", params=[REFERENCE, OPENVINO, ONNX])
def encoder(request: Any) -> Encoder:
    return Encoder(models=models(), runtime=request.param)


def test_it_says_what_the_reference_says(encoder: Encoder, texts: list[str], reference: Matrix) -> None:
    found = encoder.encode(texts)
    assert len(texts) >= 200
    assert cosine(found, reference) >= 0.999
    assert overlap(found, reference) >= 0.99


def test_it_returns_unit_vectors_in_the_order_of_the_texts(encoder: Encoder, texts: list[str]) -> None:
    shuffled = [texts[place] for place in np.random.default_rng(1).permutation(len(texts))[:60]]
    found = encoder.encode(shuffled)
    assert found.shape == (60, 384) == (60, encoder.dim)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in shuffled])
    assert cosine(found, alone) > 0.9998


def test_it_reads_equal_texts_once_and_alike(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    read: Callable[..., Matrix] = encoder._running.read
    monkeypatch.setattr(encoder._running, "read", lambda texts: asked.extend(texts) or read(texts))
    found = encoder.encode(["bees", "shear  sheep", "bees ", "shear sheep"])
    assert sorted(asked) == ["bees", "shear sheep"]
    assert np.array_equal(found[:2], found[2:])


def test_it_reads_one_normal_form(encoder: Encoder) -> None:
    composed, decomposed = unicodedata.normalize("NFC", "café ½ fi"), unicodedata.normalize("NFD", "café ½ ﬁ\u0000")
    assert composed != decomposed
    one, other = encoder.encode([composed, decomposed])
    assert np.array_equal(one, other)


def test_it_takes_no_texts_empty_texts_and_huge_texts(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    huge, cut, empty = encoder.encode(["weave " * 100_000, "weave " * 300, "\u0000"])
    assert huge @ cut > 0.9999  # both are cut at 256 tokens
    assert np.linalg.norm(empty) == pytest.approx(1, abs=1e-5)


def test_it_sees_what_texts_mean(encoder: Encoder) -> None:
    wish, near, far = encoder.encode(["look after bees", "keep honeybees and their hives", "weld steel gates"])
    assert wish @ near > wish @ far + 0.2


def test_all_of_them_have_one_name(encoder: Encoder) -> None:
    assert encoder.name == Encoder().name
