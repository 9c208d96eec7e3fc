"""Texts a CPU second through the packaged language model, beside stock SentenceTransformer.encode."""

from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.matching import unit
from benchmarks.table import Row
from benchmarks.timing import round_robin
from home.demo.texts import read
from matching.engine.encode import BATCH, Encoder

PART = "encode"
SHORT, LONG = 192, 32
"""How many texts at SCALE=1: lines of a profile (some 10 words), and profiles with what people say (some 80)."""

REPEATS = 3
LEAST_RATIO, LEAST_COSINE, LEAST_OVERLAP, DEPTH = 2.5, 0.999, 0.99, 10

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def rows(scale: float) -> list[Row]:
    """The rows for short and for long texts, with the real model."""
    encoder = Encoder()
    stock = stock_encode(str(encoder.folder))
    found = []
    for name, texts in (("short", short_texts()), ("long", long_texts())):
        wanted = max(16, round((SHORT if name == "short" else LONG) * scale))
        found += compare(name, Random(1).sample(texts, min(wanted, len(texts))), encoder.encode, stock)
    return found


def stock_encode(folder: str) -> Encode:
    """The library's own way, as its documentation shows it."""
    from sentence_transformers import SentenceTransformer  # takes seconds, and only this peer needs it

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)

    def encode(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        found = model.encode(list(texts), batch_size=BATCH, show_progress_bar=False)
        return np.asarray(found, np.float32)

    return encode


def short_texts() -> list[str]:
    """What the people of the demo community offer and need, each line once."""
    return sorted({line["text"] for person in read("members")["members"] for line in person["statements"]})


def long_texts() -> list[str]:
    """What they say of themselves."""
    return sorted({f"{person['trade']}. {person['about']}" for person in read("members")["members"]})


def compare(name: str, texts: Sequence[str], ours: Encode, stock: Encode) -> list[Row]:
    """Speed of both on these texts, and whether they say the same."""
    here, there = round_robin([lambda: ours(texts), lambda: stock(texts)], REPEATS)
    words = sum(len(text.split()) for text in texts) / len(texts)
    about = f"{len(texts)} {name} texts of {words:.0f} words"
    one, other = ours(texts), unit(stock(texts))
    return [
        Row(PART, f"{about}: engine", len(texts) / here * 1000, "/CPU s", peer=len(texts) / there * 1000,
            peer_name="stock encode", is_more_better=True, least_ratio=LEAST_RATIO),
        Row(PART, f"{about}: least cosine with stock", float((one * other).sum(axis=1).min()), least=LEAST_COSINE),
        Row(PART, f"{about}: same top {DEPTH}", overlap(one, other), least=LEAST_OVERLAP),
    ]  # fmt: skip


def overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32], depth: int = DEPTH) -> float:
    """Which share of each text's nearest others is the same with both."""
    depth = min(depth, len(one) - 1)
    shared = sum(len(mine & theirs) for mine, theirs in zip(_nearest(one, depth), _nearest(other, depth), strict=True))
    return shared / (depth * len(one))


def _nearest(vectors: npt.NDArray[np.float32], depth: int) -> list[set[int]]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return [set(np.argsort(-row, kind="stable")[:depth].tolist()) for row in cosines]
