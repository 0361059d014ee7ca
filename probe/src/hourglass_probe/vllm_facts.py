"""What vLLM says about itself: its version and its configuration, read from objects that exist already."""

from __future__ import annotations

import sys
from typing import Any


def engine_version() -> str | None:
    """vLLM's version as its package tells it; None where it does not."""
    version = getattr(sys.modules.get("vllm"), "__version__", None)
    return str(version) if version else None


def _at(root: Any, path: str) -> Any:
    """The attribute at a dotted path, or None where one of them is not there or cannot be read."""
    for name in path.split("."):
        try:
            root = getattr(root, name, None)
        except Exception:
            return None
        if root is None:
            return None
    return root


_PATHS = {
    "model": "model_config.model",
    "dtype": "model_config.dtype",
    "quantization": "model_config.quantization",
    "max_model_len": "model_config.max_model_len",
    "eager": "model_config.enforce_eager",
    "max_num_seqs": "scheduler_config.max_num_seqs",
    "max_num_batched_tokens": "scheduler_config.max_num_batched_tokens",
    "policy": "scheduler_config.policy",
    "chunked_prefill": "scheduler_config.enable_chunked_prefill",
    "async_scheduling": "scheduler_config.async_scheduling",
    "block_size": "cache_config.block_size",
    "num_gpu_blocks": "cache_config.num_gpu_blocks",
    "prefix_caching": "cache_config.enable_prefix_caching",
    "cache_dtype": "cache_config.cache_dtype",
    "tensor_parallel": "parallel_config.tensor_parallel_size",
    "pipeline_parallel": "parallel_config.pipeline_parallel_size",
    "data_parallel": "parallel_config.data_parallel_size",
    "data_parallel_rank": "parallel_config.data_parallel_rank",
    "expert_parallel": "parallel_config.enable_expert_parallel",
    "graph_mode": "compilation_config.cudagraph_mode",
    "capture_sizes": "compilation_config.cudagraph_capture_sizes",
    "compilation": "compilation_config.mode",
    "speculative": "speculative_config.method",
    "device": "device_config.device_type",
    "runner_v2": "use_v2_model_runner",
    "layers": "model_config.hf_text_config.num_hidden_layers",
    "experts": "model_config.hf_text_config.num_experts",
    "top_k": "model_config.hf_text_config.num_experts_per_tok",
}


def describe_config(config: Any) -> dict[str, Any]:
    """The parts of a VllmConfig that explain a run; what cannot be read has no key."""
    described: dict[str, Any] = {}
    for name, path in _PATHS.items():
        value = _at(config, path)
        if value is None:
            continue
        plain = isinstance(value, (bool, int, float, str, list, tuple))
        described[name] = value if plain else getattr(value, "name", None) or str(value)
    return described


def moe_hidden_reason(config: Any) -> str | None:
    """Why routing cannot be seen through the routers' Python code with this configuration; None where it can."""
    device = str(_at(config, "device_config.device_type") or "")
    mode = _at(config, "compilation_config.mode")
    compiled = getattr(mode, "value", mode) not in (None, 0) and not _at(config, "model_config.enforce_eager")
    if device == "cpu" and compiled:
        return "the routers are compiled into the model on a CPU: start the engine with --enforce-eager"
    return None
