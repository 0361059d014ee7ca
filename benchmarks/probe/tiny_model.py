"""Makes a directory with a tiny model for vLLM: a configuration and a small tokenizer, no weights.

    python3 tiny_model.py moe DIRECTORY     # Qwen3-MoE, 4 layers, 16 experts, 4 of them chosen
    python3 tiny_model.py dense DIRECTORY   # Qwen3, 4 layers

The weights are random: start the engine with `--load-format dummy`. The tokenizer needs no library.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

VOCABULARY = 1024

_COMMON: dict[str, Any] = {
    "hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 64,
    "intermediate_size": 512, "vocab_size": VOCABULARY, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
    "tie_word_embeddings": False, "torch_dtype": "bfloat16", "hidden_act": "silu", "attention_bias": False,
    "bos_token_id": 1, "eos_token_id": 2,
}
_SHAPES: dict[str, dict[str, Any]] = {
    "dense": {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"},
    "moe": {
        "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "num_experts": 16, "num_experts_per_tok": 4,
        "moe_intermediate_size": 128, "norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": [],
    },
}


def tokenizer() -> dict[str, Any]:
    """A tokenizer of whole words w3 … w1023, in the format of the library tokenizers."""
    words = ["<unk>", "<s>", "</s>"] + [f"w{number}" for number in range(3, VOCABULARY)]
    special = [{"id": i, "content": words[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i in range(3)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False},
        "model": {"type": "WordLevel", "vocab": {word: i for i, word in enumerate(words)}, "unk_token": "<unk>"},
    }


def write(shape: str, directory: str) -> None:
    """Writes the directory's files. Raises KeyError for a shape that is none."""
    os.makedirs(directory, exist_ok=True)
    files = {
        "config.json": {**_COMMON, **_SHAPES[shape]},
        "tokenizer.json": tokenizer(),
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "model_max_length": 4096},
    }
    for name, content in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            json.dump(content, file)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in _SHAPES:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(_SHAPES)} DIRECTORY")
    write(sys.argv[1], sys.argv[2])
