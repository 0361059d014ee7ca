"""Starts vLLM's server on a CPU with a tiny model, sends concurrent requests, and prints its own counts and the client's
stamps as one line of JSON.

    python3 serve.py MODEL_DIRECTORY [--port N] [--requests N] [--output N] [--blocks N] [--compiled]

The server inherits the environment, so a probe on PYTHONPATH is in it and not in this client (start this with -S or without).
"""

from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from typing import Any


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--port", type=int, default=8011)
    parser.add_argument("--requests", type=int, default=12)
    parser.add_argument("--output", type=int, default=48)
    parser.add_argument("--blocks", type=int, default=24)
    parser.add_argument("--compiled", action="store_true")
    return parser.parse_args()


def start(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    """Starts the server."""
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", options.model, "--load-format", "dummy", "--port", str(options.port)]
    command += ["--host", "127.0.0.1", "--max-model-len", "512", "--max-num-seqs", "16", "--max-num-batched-tokens", "128", "--block-size", "32"]
    command += ["--num-gpu-blocks-override", str(options.blocks), "--seed", "1"] + ([] if options.compiled else ["--enforce-eager"])
    return subprocess.Popen(command)


def wait(options: argparse.Namespace, server: subprocess.Popen[bytes]) -> None:
    """Waits until the server answers. Raises RuntimeError where it ends first."""
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{options.port}/health", timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the server ended before it answered")


def request(options: argparse.Namespace, number: int) -> dict[str, Any]:
    """Sends one request and stamps what comes: CLOCK_MONOTONIC ns of sending, of each piece of text, and of the end."""
    prompt = [3 + (7 * (number // 2) + j) % 1000 for j in range(40)] + [3 + number] * (5 + 3 * number)
    body = {"model": options.model, "prompt": prompt, "max_tokens": options.output, "ignore_eos": True, "temperature": 1.0, "stream": True}
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=600)
    sent = time.monotonic_ns()
    connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json", "X-Request-Id": f"client-{number}"})
    stamps, name = [], None
    for line in connection.getresponse():
        if line.startswith(b"data: {"):
            stamps.append(time.monotonic_ns())
            name = name or json.loads(line[6:])["id"]
    return {"id": name, "sent": sent, "stamps": stamps, "end": time.monotonic_ns()}


def metrics(options: argparse.Namespace) -> dict[str, float]:
    """The server's metrics by name, summed over their labels."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{options.port}/metrics", timeout=60).read().decode()
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("vllm:"):
            name, value = line.split("{")[0].split(" ")[0], float(line.rsplit(" ", 1)[1])
            found[name] = found.get(name, 0.0) + value
    return found


def main() -> None:
    """Serves, asks, prints."""
    options = arguments()
    server = start(options)
    try:
        wait(options, server)
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(options.requests) as pool:
            requests = list(pool.map(lambda number: request(options, number), range(options.requests)))
        seconds = time.monotonic() - begin
        wanted = ("num_preemptions", "generation_tokens", "prompt_tokens", "prefix_cache_hits", "prefix_cache_queries")
        counts = {name: value for name, value in metrics(options).items() if name.split(":")[1].removesuffix("_total") in wanted}
        print("RESULT " + json.dumps({"seconds": seconds, "metrics": counts, "requests": requests}), flush=True)
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
    os._exit(0)


if __name__ == "__main__":
    main()
