"""Texts a CPU second through the product's language model, beside stock SentenceTransformer.encode.

Stock runs the same weights, loaded and warmed, with its default batch size, as its documentation shows it; both run
on one core. The texts are names of skills and what the demo's people say; whether both agree is asked on many more.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from benchmarks.matching import unit
from benchmarks.table import Row
from benchmarks.timing import round_robin
from home.demo.texts import read
from matching.engine.encode import WEIGHTS, Encoder, find, packaged_folder
from matching.engine.lexicon import gloss
from matching.engine.text import normalise, profile_text

PART = "encode"
SHORT, LONG, MANY = 384, 64, 1200
"""How many texts at SCALE=1: lines of a profile, profiles with what people say, and of both kinds."""

REPEATS = 5
LEAST_RATIO, LEAST_COSINE, LEAST_OVERLAP, DEPTH = 2.5, 0.999, 0.99, 10
SKILLS = Path(__file__).resolve().parent.parent / "community" / "members" / "skills.txt"

Encode = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def rows(scale: float) -> list[Row]:
    """The rows for short and for long texts, and whether both agree."""
    with tempfile.TemporaryDirectory(prefix="scionwood-bench-") as folder:
        encoder = Encoder(models=Path(folder))
        stock = stock_encode(weights_of(encoder, Path(folder)))
        about = encoder.about
        found = [
            speed(f"{kind}, {about}", sample(texts, most, scale), encoder.encode, stock, bool("bf16" in about))
            for kind, texts, most in (("short", short_texts(), SHORT), ("long", long_texts(), LONG))
        ]
        return found + agreement(sample(short_texts() + long_texts(), MANY, scale), encoder.encode, stock)


def weights_of(encoder: Encoder, models: Path) -> Path:
    """The sentence-transformers folder with the weights that our encoder runs; makes it ready."""
    encoder.prepare()
    ready = find(encoder.source, models)
    return ready.folder if ready and (ready.folder / WEIGHTS).is_file() else packaged_folder()


def stock_encode(folder: Path) -> Encode:
    """The library's own way, as its documentation shows it."""
    from sentence_transformers import SentenceTransformer  # takes seconds, and only this peer needs it

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.asarray(model.encode(list(texts), show_progress_bar=False), np.float32)

    return encode


def short_texts() -> list[str]:
    """Names of skills, and what the people of the demo community offer and need; each line once."""
    lines = [line["text"] for person in read("members")["members"] for line in person["statements"]]
    return sorted(
        {normalise(line) for line in [*SKILLS.read_text(encoding="utf-8").splitlines(), *lines] if line[:1] != "#"}
    )


def long_texts() -> list[str]:
    """What they say of themselves."""
    return sorted({profile_text(person["trade"], person["about"]) for person in read("members")["members"]})


def sample(texts: Sequence[str], most: int, scale: float) -> list[str]:
    """So many of the texts, the same in every run."""
    return Random(1).sample(texts, min(max(16, round(most * scale)), len(texts)))


def speed(name: str, texts: Sequence[str], ours: Encode, stock: Encode, is_quick: bool = True) -> Row:
    """Speed of both on these texts; a processor without bfloat16 is measured and not judged."""
    here, there = round_robin([lambda: ours(texts), lambda: stock(texts)], REPEATS)
    words = sum(len(text.split()) for text in texts) / len(texts)
    return Row(
        PART, f"{len(texts)} texts of {words:.0f} words ({name})", len(texts) / here * 1000, "/CPU s",
        peer=len(texts) / there * 1000, peer_name="stock encode", is_more_better=True,
        least_ratio=LEAST_RATIO if is_quick else None,
    )  # fmt: skip


def agreement(texts: Sequence[str], ours: Encode, stock: Encode) -> list[Row]:
    """Whether both say the same."""
    one, other = ours(texts), unit(stock([gloss(text) for text in texts]))
    return [
        Row(PART, f"{len(texts)} texts: least cosine with stock", cosine(one, other), least=LEAST_COSINE),
        Row(PART, f"{len(texts)} texts: same top {DEPTH}", overlap(one, other), least=LEAST_OVERLAP),
    ]


def cosine(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """The least cosine of two vectors of one text."""
    return float((one * other).sum(axis=1).min())


def overlap(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32], depth: int = DEPTH) -> float:
    """Which share of each text's nearest others is the same with both."""
    depth = min(depth, len(one) - 1)
    shared = sum(len(mine & theirs) for mine, theirs in zip(_nearest(one, depth), _nearest(other, depth), strict=True))
    return shared / (depth * len(one))


def _nearest(vectors: npt.NDArray[np.float32], depth: int) -> list[set[int]]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return [set(np.argsort(-row, kind="stable")[:depth].tolist()) for row in cosines]
