"""The quick ways to run an exported model: OpenVINO for many texts, ONNX Runtime for a typed question.

Both read the graph that `build.py` wrote, in which pooling and normalising are included, and split texts into tokens
with the same tokeniser as the reference, cut at the same length. Neither loads torch. Nothing is sent anywhere.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..people import Matrix
from .vectors import ModelUnsound

GRAPH, TOKENS = "model.onnx", "tokens.json"
"""The exported model and its tokeniser, in the folder of a prepared model."""

INPUTS, OUTPUT = ("ids", "mask"), "vectors"
"""What the graph takes, two int64 `[batch, length]`, and gives, float32 `[batch, dim]`."""

BATCH_TEXTS, BATCH_TOKENS = 64, 1024
"""What is run at once: more does not fit into the processor's cache, less costs calls."""

SHAPES_KEPT = 200
"""For how many shapes of a batch OpenVINO keeps what it compiled; with its own 5,000 a worker grows for ever."""

Ints = npt.NDArray[np.int64]


class Graph:
    """A prepared folder, opened by one runtime; subclasses say how the graph is loaded and run.

    Args:
        folder: with `GRAPH` and `TOKENS` in it.
        max_tokens: where a text is cut, special tokens included.
        threads: processor cores that may be used at once (≥ 1).

    Raises:
        ModelUnsound: the runtime is not installed, or cannot read the folder.
    """

    def __init__(self, folder: Path, max_tokens: int, threads: int = 1) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            self.tokens = tokeniser(folder / TOKENS, max_tokens)
            self.load(folder / GRAPH, threads)
        except Exception as error:
            why = " ".join(str(error).split())[:200] or type(error).__name__
            raise ModelUnsound(f"{type(self).__name__} cannot run the model in {folder} ({why}).") from error

    def read(self, texts: Sequence[str]) -> Matrix:
        """See `Runtime`."""
        ids = [found.ids for found in self.tokens.encode_batch_fast(list(texts))]
        parts, places = [], []
        for batch in batches([len(each) for each in ids]):
            padded = np.zeros((len(batch), len(ids[batch[-1]])), np.int64)
            mask = np.zeros_like(padded)
            for row, text in enumerate(batch):
                padded[row, : len(ids[text])] = ids[text]
                mask[row, : len(ids[text])] = 1
            parts.append(self.run(padded, mask))
            places += batch
        vectors = np.empty((len(texts), parts[0].shape[1]), np.float32)
        vectors[places] = np.concatenate(parts)
        return vectors

    def load(self, graph: Path, threads: int) -> None:
        """Load the graph."""
        raise NotImplementedError

    @property
    def about(self) -> str:
        """See `Runtime`."""
        raise NotImplementedError

    def run(self, ids: Ints, mask: Ints) -> Matrix:
        """Run it once and return an array of our own."""
        raise NotImplementedError


class OnnxRuntime(Graph):
    """ONNX Runtime in float32: quick to load and small, for the web process."""

    about = "ONNX Runtime f32"

    def load(self, graph: Path, threads: int) -> None:
        """Load the graph; its weights stay in the file, which all processes of the machine share."""
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        # Packed copies of the weights would be a third quicker and cost 40 MB in every process.
        options.add_session_config_entry("session.disable_prepacking", "1")
        self.session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def run(self, ids: Ints, mask: Ints) -> Matrix:
        """See `Graph`."""
        return np.asarray(self.session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))[0])


class OpenVino(Graph):
    """OpenVINO, in bfloat16 where the processor computes with it, else in float32: for the worker and the commands."""

    precision = "f32"

    @property
    def about(self) -> str:
        """See `Runtime`."""
        return f"OpenVINO {self.precision}"

    def load(self, graph: Path, threads: int) -> None:
        """Load the graph and compile it for this processor (under a second)."""
        # Its reporting package is only used by tools that we never call; with this it cannot be loaded at all.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        import openvino

        core = openvino.Core()
        self.precision = "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"
        how = {
            "INFERENCE_PRECISION_HINT": self.precision,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            "CPU_RUNTIME_CACHE_CAPACITY": SHAPES_KEPT,
        }
        self.request: Any = core.compile_model(core.read_model(graph), "CPU", how).create_infer_request()

    def run(self, ids: Ints, mask: Ints) -> Matrix:
        """See `Graph`."""
        self.request.infer([ids, mask], share_inputs=True)
        return np.array(self.request.get_output_tensor(0).data, np.float32)


def tokeniser(file: Path, max_tokens: int) -> Any:
    """Return the tokeniser of a file, which cuts texts and pads none."""
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(file))
    tokens.no_padding()
    tokens.enable_truncation(max_tokens)
    return tokens


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of texts with these numbers of tokens, shortest first, in runs that fill a batch.

    The last place of a run has its longest text; every place comes once.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == BATCH_TEXTS or (len(batch) + 1) * lengths[place] > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
