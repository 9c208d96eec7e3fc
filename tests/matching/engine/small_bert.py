"""A tiny language model of random weights, as a sentence-transformers folder: made ready in a second."""

import json
from pathlib import Path

from matching.engine.encode import packaged_folder


def write(folder: Path, pooling: str = "mean", width: int = 24) -> Path:
    """Write it; the words and the way to split them are those of the packaged model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    raw = folder / "raw"
    torch.manual_seed(1)
    shape = BertConfig(hidden_size=width, num_hidden_layers=2, num_attention_heads=2, intermediate_size=2 * width)
    BertModel(shape).save_pretrained(raw)
    AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True).save_pretrained(raw)
    (raw / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64, "do_lower_case": False}))
    words = Transformer(str(raw), max_seq_length=64)
    made = folder / f"small-{pooling}-{width}"
    SentenceTransformer(modules=[words, Pooling(width, pooling_mode=pooling)], device="cpu").save(str(made))
    return made
