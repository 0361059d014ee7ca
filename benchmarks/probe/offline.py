"""Runs vLLM on a CPU offline with a tiny model and prints its own counts as one line of JSON.

    python3 offline.py MODEL_DIRECTORY [--compiled] [--requests N] [--output N] [--blocks N]

Requests share a prefix of 40 tokens two by two, and the pool of KV blocks is small, so that there are preemptions and
prefix hits. The counts at the end are the engine's metrics.
"""

from __future__ import annotations

import argparse
import json
import time


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--requests", type=int, default=12)
    parser.add_argument("--output", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Generates, then prints seconds and metrics."""
    options = arguments()
    from vllm import LLM, SamplingParams

    llm = LLM(
        options.model, load_format="dummy", enforce_eager=not options.compiled, max_model_len=512, max_num_seqs=16, max_num_batched_tokens=128,
        num_gpu_blocks_override=options.blocks, block_size=32, disable_log_stats=False, seed=1,
    )
    prompts = [[3 + (7 * (i // 2) + j) % 1000 for j in range(40)] + [3 + i] * (5 + 3 * i) for i in range(options.requests)]
    sampling = SamplingParams(max_tokens=options.output, ignore_eos=True, temperature=1.0)
    for _ in range(options.rounds):
        begin = time.monotonic()
        outputs = llm.generate([{"prompt_token_ids": prompt} for prompt in prompts], sampling, use_tqdm=False)
        seconds = time.monotonic() - begin
    counters = {metric.name: metric.value for metric in llm.get_metrics() if hasattr(metric, "value")}
    print("RESULT " + json.dumps({"seconds": seconds, "tokens": sum(len(o.outputs[0].token_ids) for o in outputs), "metrics": counters, "text": outputs[0].outputs[0].text[:40]}))


if __name__ == "__main__":
    main()
