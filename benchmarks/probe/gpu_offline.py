"""vLLM offline on a tiny model, the same batch twice: once for the probe's GPU timeline, once for the engine's own profiler.

`gpu_offline.py TRACES` writes the profiler's trace there; without TRACES only the rates are taken. Prints one line RESULT with
the span of the first batch in CLOCK_MONOTONIC ns. Expects the model's config.json in /tmp/tiny.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    import torch
    from vllm import LLM, SamplingParams

    traces = sys.argv[1] if len(sys.argv) > 1 else ""
    more = {"profiler_config": {"profiler": "torch", "torch_profiler_dir": traces}} if traces else {}
    began = time.time()
    llm = LLM(model="/tmp/tiny", load_format="dummy", skip_tokenizer_init=True, dtype="bfloat16", seed=1, max_model_len=2048,
              gpu_memory_utilization=0.1, enable_prefix_caching=False, compilation_config={"cudagraph_capture_sizes": [1, 2, 4, 8]}, **more)
    result: dict[str, Any] = {"start_s": round(time.time() - began, 1), "v2": os.environ.get("VLLM_USE_V2_MODEL_RUNNER", "0")}

    def generate(requests: int, tokens: int, salt: int) -> float:
        prompts = [{"prompt_token_ids": [5 + (i + 7 * k + salt) % 900 for i in range(32)]} for k in range(requests)]
        start = time.time()
        done = llm.generate(prompts, SamplingParams(max_tokens=tokens, ignore_eos=True, detokenize=False, temperature=0), use_tqdm=False)
        assert sum(len(each.outputs[0].token_ids) for each in done) == requests * tokens
        return round(time.time() - start, 4)

    generate(4, 4, 1)
    generate(8, 16, 2)
    result["rates_s"] = {"8x512": [generate(8, 512, 3), generate(8, 512, 4)], "1x512": [generate(1, 512, 5), generate(1, 512, 6)]}
    generate(4, 4, 7)
    torch.cuda.synchronize()
    start = time.monotonic_ns()
    generate(4, 4, 8)
    torch.cuda.synchronize()
    result["region"] = [start, time.monotonic_ns()]
    if traces:
        llm.start_profile()
        generate(4, 4, 9)
        llm.stop_profile()
    print("RESULT", json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
