"""Fits the packaged model to skills and trades, and keeps of the change what a few megabytes can hold.

Contrastive: of a batch of pairs each text must find its own partner (InfoNCE; van den Oord et al., arXiv
1807.03748) with in-batch negatives, known partners masked. All weights move; afterwards each matrix's difference is
cut to low rank by its singular values and stored as int8 (`encode/adapter.py` says how).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from .data import Corpus
from .pairs import BATCH, Batch, Pairs

Tell = Callable[[str], None]

Differences = dict[str, npt.NDArray[np.float32]]

WORDS = "embeddings.word_embeddings.weight"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        runs: trainings from the same start, each of so many batches of `pairs.BATCH` pairs, with the share of its
            difference that is added to the model. A long one knows trades best, a short one forgets least; added in
            part they beat either (Wortsman et al., "Model soups", ICML 2022, and "WiSE-FT", CVPR 2022).
        rate: learning rate at its highest; it rises for 100 steps and falls to almost nothing.
        temperature: what cosines are divided by.
        tokens: texts are cut here.
        rank, word_rank: singular values kept of a matrix of the layers, and of the table of words.
    """

    runs: tuple[tuple[int, float], ...] = ((2314, 0.2), (400, 0.2), (400, 0.4), (400, 0.4))
    rate: float = 1e-4
    temperature: float = 0.05
    tokens: int = 40
    rank: int = 96
    word_rank: int = 32
    seed: int = 7


class Trainer:
    """One training of the model in a folder; CUDA is used where there is any, bfloat16 in any case."""

    def __init__(self, model_folder: Path, corpus: Corpus, recipe: Recipe, seed: int) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        torch.manual_seed(seed)
        self.recipe = recipe
        self.pairs = Pairs(corpus, seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(str(model_folder), local_files_only=True)
        self.model: Any = AutoModel.from_pretrained(str(model_folder), local_files_only=True).to(self.device)
        self.model.train()
        for module in self.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.05
        self.before = self._weights()

    def run(self, steps: int, tell: Tell) -> dict[str, float]:
        """Train for so many batches, and return the mean loss of the last fifty batches of each relation."""
        import torch

        optimiser = self._optimiser()
        losses: dict[str, list[float]] = defaultdict(list)
        began = perf_counter()
        for step in range(steps):
            rate = self.recipe.rate * min(1.0, step / 100) * max(0.02, 1 - step / steps)
            for group in optimiser.param_groups:
                group["lr"] = rate
            relation, batch = self.pairs.draw()
            loss = self.loss(batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimiser.step()
            losses[relation].append(float(loss.item()))
            if (step + 1) % 50 == 0:
                minutes = (perf_counter() - began) / 60
                tell(f"{step + 1} of {steps} batches, {minutes:.1f} minutes, loss {_shown(losses)}")
        return {relation: round(float(np.mean(found[-50:])), 3) for relation, found in sorted(losses.items())}

    def loss(self, batch: Batch) -> Any:
        """Return the mean loss of finding right from left and left from right."""
        import torch
        from torch.nn.functional import cross_entropy

        left, right = self.encode(batch.left), self.encode(batch.right)
        scores = left @ right.T / self.recipe.temperature
        scores = scores.masked_fill(torch.from_numpy(batch.known).to(self.device), -1e4)
        own = torch.arange(len(batch.left), device=self.device)
        return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2

    def encode(self, texts: list[str]) -> Any:
        """Return unit vectors with gradients, `[len(texts), dim]`; in two halves by length, to pad less."""
        import torch

        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        half = len(order) // 2
        halves = [self._mean([texts[place] for place in part]) for part in (order[:half], order[half:]) if part]
        return torch.cat(halves)[torch.from_numpy(np.argsort(order)).to(self.device)]

    def difference(self) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
        """Yield what training has changed, by the name of the weight."""
        for name, after in self._weights().items():
            yield name, after - self.before[name]

    def _mean(self, texts: list[str]) -> Any:
        import torch
        from torch.nn.functional import normalize

        tokens = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self.recipe.tokens, return_tensors="pt"
        ).to(self.device)
        with torch.autocast(self.device, torch.bfloat16):
            states = self.model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        return normalize((states.float() * mask).sum(1) / mask.sum(1), dim=1)

    def _optimiser(self) -> Any:
        import torch

        groups = [
            {"params": [one for one in self.model.parameters() if one.dim() > 1], "weight_decay": 0.01},
            {"params": [one for one in self.model.parameters() if one.dim() == 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.recipe.rate, fused=True)

    def _weights(self) -> dict[str, npt.NDArray[np.float32]]:
        state = {name: value for name, value in self.model.state_dict().items() if value.is_floating_point()}
        return {name: value.detach().float().cpu().numpy().copy() for name, value in state.items()}


def train(model_folder: Path, corpus: Corpus, recipe: Recipe, tell: Tell) -> tuple[Differences, dict[str, float]]:
    """Train as the recipe says; return the difference by name of the weight, and the last losses of the longest run."""
    total: Differences = {}
    losses: dict[str, float] = {}
    for number, (steps, share) in enumerate(recipe.runs):
        trainer = Trainer(model_folder, corpus, recipe, recipe.seed + number)
        found = trainer.run(steps, tell)
        losses = losses or found
        for name, change in trainer.difference():
            total[name] = total.get(name, np.zeros_like(change)) + np.float32(share) * change
    return total, losses


def shrink(difference: Differences, recipe: Recipe) -> dict[str, npt.NDArray[Any]]:
    """Return the entries of an adapter file: matrices cut to low rank, both factors int8; vectors as float16.

    The best approximation of its rank (Eckart and Young, Psychometrika 1, 1936), each factor taking the root of the
    singular values.
    """
    entries: dict[str, npt.NDArray[Any]] = {}
    for name, change in difference.items():
        if not np.any(change):
            continue
        if change.ndim == 1:
            entries[f"{name}|d"] = change.astype(np.float16)
            continue
        left, values, right = np.linalg.svd(change, full_matrices=False)
        rank = min(recipe.word_rank if name == WORDS else recipe.rank, len(values))
        root = np.sqrt(values[:rank])
        entries[f"{name}|a"], entries[f"{name}|sa"] = _int8(left[:, :rank] * root)
        rows, scales = _int8((root[:, None] * right[:rank]).T)
        entries[f"{name}|b"], entries[f"{name}|sb"] = np.ascontiguousarray(rows.T), scales
    return entries


def write(entries: dict[str, npt.NDArray[Any]], provenance: dict[str, Any], out: Path) -> None:
    """Write an adapter file whole or not at all."""
    part = out.with_name(f"{out.name}.part")
    with part.open("wb") as file:
        said = np.array(json.dumps(provenance, ensure_ascii=False))
        np.savez_compressed(file, allow_pickle=False, meta=said, **entries)
    part.replace(out)


def provenance(
    recipe: Recipe, base_sha256: str, learned: Corpus, losses: dict[str, float], minutes: float
) -> dict[str, Any]:
    """Return what an adapter file says of itself."""
    return {
        "name": "trades",
        "base_sha256": base_sha256,
        "trained_on": "ESCO v1.1.1, English and French: names, descriptions and skill relations of a part of it.",
        "trades": len(learned.occupations),
        "statement": "This service uses the ESCO classification of the European Commission.",
        "licence": "ESCO: Commission Decision 2011/833/EU. Base model: Apache-2.0. This difference: BSD-3-Clause.",
        "recipe": {name: getattr(recipe, name) for name in recipe.__slots__} | {"batch": BATCH},
        "loss": losses,
        "minutes": round(minutes, 1),
    }


def _int8(columns: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    scales = np.maximum(np.abs(columns).max(axis=0), 1e-12) / 127
    return np.round(columns / scales).astype(np.int8), scales.astype(np.float32)


def _shown(losses: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {np.mean(found[-50:]):.2f}" for name, found in sorted(losses.items()))
