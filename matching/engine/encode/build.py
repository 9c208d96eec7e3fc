"""Makes a model ready: `python -m matching.engine.encode.build CHOICE ADAPTER MODELS`, called by `prepared.ensure`.

Merge the adapter, export the graph with plain torch, compare each runtime with the reference on a few texts, write
the note; all in a folder beside the place where it belongs, which it takes in one step when everything is there.
"""

import fcntl
import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..people import Matrix
from .adapter import meta
from .merge import merge
from .prepared import FORM, NOTE, find, versions
from .reference import Reference
from .runtimes import GRAPH, INPUTS, OUTPUT, TOKENS, Graph, OnnxRuntime, OpenVino
from .source import PACKAGED_SHA256, WEIGHTS, Source, check_packaged, sha256
from .vectors import ModelUnsound, encode_with

LEAST_COSINE = 0.999
"""A runtime whose vectors are further from the reference's than this is not used."""

RUNTIMES: dict[str, type[Graph]] = {"openvino": OpenVino, "onnxruntime": OnnxRuntime}

SAMPLE = (
    "bees", "shear sheep", "graft old apple trees", "I need a hand with the hay in June!",
    "Wer zeigt mir, wie man Obstbäume veredelt?", "Je cherche quelqu'un qui sache réparer un tracteur des années 60.",
    "Busco a alguien que me enseñe a hacer queso de cabra", "Szukam kogoś, kto nauczy mnie kowalstwa",
    "ミツバチの世話を教えてください", "نبحث عن نجار", "Хочу научиться плести корзины",
    "12 m³ sawdust a week, October–March", "weld steel gates (MIG, TIG)",
    "3-phase, 400 V; 32 A", "CNC", "…", "naïve café façade", "a" * 300, "weave willow baskets at home " * 60,
    "Dairy farmer. We milk forty goats, make cheese twice a week and sell it on Saturdays. Who takes the whey?",
    "Bookbinder. I sew, glue and gild by hand. I would like to stop in some years and pass the workshop on.",
)  # fmt: skip
"""What the runtimes are compared on: short and long, several scripts, numbers, and a text that is cut."""


def main(arguments: list[str]) -> int:
    """Build; 1 with one line where it could not be done."""
    choice, adapter, models = arguments
    try:
        build(Source(choice, Path(adapter)), Path(models))
    except ModelUnsound as error:
        print(error, file=sys.stderr)  # noqa: T201 (this is a command)
        return 1
    except OSError as error:
        print(f"The language model cannot be kept in {models} ({error.strerror}).", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def build(source: Source, models: Path) -> None:
    """Write the folder of this model, unless another process has just done it.

    Raises:
        ModelUnsound: the model or its adapter is damaged or cannot be loaded.
        OSError: the folder cannot be written.
    """
    with alone(models):
        found = find(source, models)
        if found and found.is_current():
            return
        for litter in models.glob(".new-*"):  # from a build that was cut off: nobody else is building now
            shutil.rmtree(litter, ignore_errors=True)
        place = Path(tempfile.mkdtemp(dir=models, prefix=".new-"))
        try:
            fill(source, place)
            take_place(place, models / source.name)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        forget_older(source, models)


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Let one process build at a time; the others wait."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fill(source: Source, place: Path) -> None:
    """Write everything into an empty folder, the note last."""
    if source.adapter:
        merge(source, place)
    elif not source.choice and source.folder:
        check_packaged(source.folder)
    reference = Reference(source, place if source.adapter else source.folder)
    why = "the model is no BERT with mean pooling"
    runtimes = dict.fromkeys(RUNTIMES, why)
    if is_plain(reference.model):
        try:
            export(reference.model, place)
            expected, max_tokens = encode_with(reference.read, SAMPLE), max_tokens_of(reference.model)
            runtimes = {name: disagreement(run, expected, place, max_tokens) for name, run in RUNTIMES.items()}
        except ImportError as error:
            runtimes = dict.fromkeys(RUNTIMES, f"the export needs a package ({error})")
    place.chmod(0o755)
    note = {
        "form": FORM,
        "name": source.name,
        "choice": source.choice,
        "adapter": meta(source.adapter, PACKAGED_SHA256) if source.adapter else None,
        "made_with": versions(),
        "max_tokens": max_tokens_of(reference.model),
        "runtimes": runtimes,
        "files": {name: sha256(place / name) for name in _kept(place)},
    }
    (place / NOTE).write_text(json.dumps(note, indent=1, ensure_ascii=False), encoding="utf-8")


def _kept(place: Path) -> list[str]:
    """The files that the vectors depend on, readable for everybody who may enter the folder."""
    names = [name for name in (WEIGHTS, GRAPH, f"{GRAPH}.data", TOKENS) if (place / name).is_file()]
    for name in names:
        (place / name).chmod(0o644)
    return names


def is_plain(model: Any) -> bool:
    """Whether the model is what `export` writes: BERT, the mean over its tokens, no words put before a text."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    is_mean = model[1].get_config_dict().get("pooling_mode") == "mean"
    return type(model[0].auto_model).__name__ == "BertModel" and is_mean and not model.default_prompt_name


def export(model: Any, place: Path) -> None:
    """Write the graph, with mean pooling and length 1 in it, its weights beside it, and the tokeniser."""
    import onnx
    import torch

    class Pooled(torch.nn.Module):
        """Tokens in, one unit vector a text out."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = model[0].auto_model.eval()

        def forward(self, ids: Any, mask: Any) -> Any:
            """Take int64 `[batch, length]` twice; return float32 `[batch, dim]`."""
            states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            share = mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * share).sum(1) / share.sum(1), dim=1)

    model.tokenizer.backend_tokenizer.save(str(place / TOKENS))
    model[0].auto_model.set_attn_implementation("eager")  # fewer and plainer operations in the graph
    ids, mask = torch.ones(2, 7, dtype=torch.long), torch.ones(2, 7, dtype=torch.long)
    mask[1, 5:] = 0
    axes = dict.fromkeys(INPUTS, {0: "batch", 1: "length"}) | {OUTPUT: {0: "batch"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the older exporter says that there is a newer one, ten times slower
        torch.onnx.export(
            Pooled(), (ids, mask), str(place / GRAPH), input_names=list(INPUTS), output_names=[OUTPUT],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
    # Weights in a file of their own can be mapped instead of read: a process holds only what it touches.
    graph = onnx.load(str(place / GRAPH))
    onnx.save_model(
        graph, str(place / GRAPH), save_as_external_data=True, all_tensors_to_one_file=True, location=f"{GRAPH}.data"
    )


def disagreement(run: type[Graph], expected: Matrix, place: Path, max_tokens: int) -> str:
    """Why this runtime must not be used: it cannot run the model or its vectors differ; empty where all is well."""
    try:
        cosines = (encode_with(run(place, max_tokens).read, SAMPLE) * expected).sum(axis=1)
    except ModelUnsound as error:
        return str(error)
    least = float(cosines.min())
    return "" if least >= LEAST_COSINE else f"its least cosine with the reference is {least:.5f}"


def max_tokens_of(model: Any) -> int:
    """Where the reference cuts a text, special tokens included."""
    return int(model.max_seq_length or model[0].auto_model.config.max_position_embeddings)


def take_place(place: Path, folder: Path) -> None:
    """Put the finished folder where it belongs; who has the old one open keeps it until closed."""
    if folder.exists():
        folder.rename(place.with_name(f"{place.name}-old"))
    place.rename(folder)
    shutil.rmtree(place.with_name(f"{place.name}-old"), ignore_errors=True)


def forget_older(source: Source, models: Path) -> None:
    """Remove what was prepared for the same choice with other weights: nothing reads it any more."""
    for note in models.glob(f"*/{NOTE}"):
        try:
            about = json.loads(note.read_text(encoding="utf-8"))
            is_older = about["choice"] == source.choice and about["name"] != source.name
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if is_older:
            shutil.rmtree(note.parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
