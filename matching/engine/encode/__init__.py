"""Text to vectors: the one room that may load a language model, and only inside its functions.

    source → adapter → merged and exported once (build) → opened by the quickest runtime that agrees (encoder)

Importing this loads no model and no runtime.
"""

from .adapter import ADAPTER, apply
from .encoder import ONNX, OPENVINO, REFERENCE, Encoder
from .prepared import Prepared, find
from .source import PACKAGED_SHA256, WEIGHTS, Source, packaged_folder
from .vectors import Encodes, ModelUnsound, unit

__all__ = [
    "ADAPTER",
    "ONNX",
    "OPENVINO",
    "PACKAGED_SHA256",
    "REFERENCE",
    "WEIGHTS",
    "Encoder",
    "Encodes",
    "ModelUnsound",
    "Prepared",
    "Source",
    "apply",
    "find",
    "packaged_folder",
    "unit",
]
