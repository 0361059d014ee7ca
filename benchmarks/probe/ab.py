"""What the probe costs an engine: batches with it and without it take turns in one run, and peers beside it.

    python3 benchmarks/probe/ab.py cpu|gpu --model DIRECTORY [--out DIRECTORY] [--seconds 280] [--requests 8] [--output 128]

`cpu`: one process of vLLM without a GPU; `gpu`: three for each of vLLM's model runners. Counting of experts lies inside of
CUDA graphs and cannot be switched off in a running engine, so engines without it, with everything, and with it alone stand
beside each other; they start together and then take turns, one at a time. In every round each state is measured once, in
an order by chance; its cost is the step's time over that of the same engine with nothing on in the same round. Printed are
medians over rounds with intervals of 95 % confidence by ranks. All numbers go to ab.json below `--out`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from typing import Any

from figures import interval

HERE = os.path.dirname(os.path.abspath(__file__))
ALONE = ("cuda-graph", "kv-cache", "forward", "cpu", "batch", "preemption", "stalls")
PEERS = ("torch.profiler", "vLLM's profiler")
PEER_ROUNDS, PEER_OUTPUT = 3, 24


class Engine:
    """An engine in a process of its own, the states that it is measured in, and what was measured."""

    def __init__(self, name: str, options: dict[str, Any], environment: dict[str, str], out: str) -> None:
        self.name = name
        self.states = ["off", *options["probes"]]
        self.peers = options["peers"]
        self.rounds: list[dict[str, Any]] = []
        self.peer_rounds: list[dict[str, Any]] = []
        self.ready: dict[str, Any] | None = None
        theirs_in, self._orders = os.pipe()
        self._answers, theirs_out = os.pipe()
        self.log = os.path.join(out, name + ".log")
        root = tempfile.mkdtemp(prefix="hourglass-ab-")
        caches = {"VLLM_CACHE_ROOT": root + "/v", "TRITON_CACHE_DIR": root + "/t", "TORCHINDUCTOR_CACHE_DIR": root + "/i"}
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, os.path.join(HERE, "ab_worker.py"), str(theirs_in), str(theirs_out), json.dumps({**options, "directory": root + "/probe"})],
                env={**os.environ, **caches, "VLLM_ENABLE_V1_MULTIPROCESSING": "0", **environment}, stdout=log, stderr=log, pass_fds=(theirs_in, theirs_out),
            )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._rest = b""

    def answer(self, deadline: float) -> dict[str, Any] | None:
        """The next answer; None where the process ended or the time is over."""
        while b"\n" not in self._rest:
            if not select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))[0]:
                return None
            read = os.read(self._answers, 1 << 16)
            if not read:
                return None
            self._rest += read
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line)  # type: ignore[no-any-return]

    def ask(self, state: str, requests: int, output: int, deadline: float) -> dict[str, Any] | None:
        """Measures one batch."""
        os.write(self._orders, (json.dumps({"state": state, "requests": requests, "output": output}) + "\n").encode())
        return self.answer(deadline)

    def end(self) -> None:
        """Ends the process."""
        os.close(self._orders)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def engines(options: argparse.Namespace) -> list[Engine]:
    """The engines of this run, starting."""
    alone = {name: {"HOURGLASS_DISABLE": "all", "HOURGLASS_ENABLE": name} for name in ALONE}
    common: dict[str, Any] = {"model": options.model, "peers": False, "engine": {"max_num_seqs": 16}}
    if options.layers:
        common["engine"]["hf_overrides"] = {"num_hidden_layers": options.layers}
    if options.where == "cpu":
        engine = {**common["engine"], "enforce_eager": True, "gpu_memory_utilization": 0.3, "block_size": 32, "num_gpu_blocks_override": 256}
        probes = {"all": {}, **alone, "moe": {"HOURGLASS_DISABLE": "all", "HOURGLASS_ENABLE": "moe"}}
        return [Engine("cpu", {**common, "engine": engine, "probes": probes, "peers": True}, {}, options.out)]
    engine = {**common["engine"], "gpu_memory_utilization": 0.1, "kv_cache_memory_bytes": 1 << 29, "compilation_config": {"cudagraph_capture_sizes": [1, 2, 4, 8]}}
    kinds = {
        "plain": ({"all but moe": {"HOURGLASS_DISABLE": "moe"}, **alone}, True),
        "all": ({"all": {}}, False),
        "moe": ({"moe": {"HOURGLASS_DISABLE": "all", "HOURGLASS_ENABLE": "moe"}}, False),
    }
    made = []
    for runner in options.runners.split(","):
        for kind, (probes, peers) in kinds.items():
            chosen = {**common, "engine": engine, "probes": probes, "peers": peers}
            made.append(Engine(f"{runner}-{kind}", chosen, {"VLLM_USE_V2_MODEL_RUNNER": "1" if runner == "V2" else "0"}, options.out))
    return made


def take_turns(alive: list[Engine], options: argparse.Namespace, deadline: float) -> None:
    """Rounds until the time is over: every engine, every state."""
    chance, number = random.Random(1), 0
    while time.monotonic() < deadline and number < options.rounds:
        number += 1
        for engine in chance.sample(alive, len(alive)):
            found: dict[str, Any] = {}
            for state in chance.sample(engine.states, len(engine.states)):
                found[state] = engine.ask(state, options.requests, options.output, deadline + 20)
            if all(each and "seconds" in each for each in found.values()):
                engine.rounds.append(found)
            elif any(each is None for each in found.values()):
                return
            else:
                print(f"{engine.name}: {[each for each in found.values() if each and 'error' in each][:1]}", flush=True)
        if number <= PEER_ROUNDS:
            ask_peers(alive, options, deadline)


def ask_peers(alive: list[Engine], options: argparse.Namespace, deadline: float) -> None:
    """A round of the peers, shorter: they take seconds to write what they saw."""
    for engine in alive:
        if engine.peers:
            found = {state: engine.ask(state, options.requests, PEER_OUTPUT, deadline + 20) for state in ("off", *PEERS)}
            if all(each and "seconds" in each for each in found.values()):
                engine.peer_rounds.append(found)


def rows(engine: Engine, options: argparse.Namespace) -> list[dict[str, Any]]:
    """What each state costs: us a step more, as a ratio, by the probe's own clock; numbers with their intervals."""
    made = []
    for states, rounds, steps in ((engine.states[1:], engine.rounds, options.output), (PEERS if engine.peers else (), engine.peer_rounds, PEER_OUTPUT)):
        for state in states:
            if not rounds:
                continue
            more = interval([(each[state]["seconds"] - each["off"]["seconds"]) / steps * 1e6 for each in rounds])
            core = interval([(each[state]["on_core"] - each["off"]["on_core"]) / steps * 1e6 for each in rounds])
            ratio = interval([each[state]["seconds"] / each["off"]["seconds"] for each in rounds])
            own = interval([each[state].get("self_ns", 0) / steps / 1e3 for each in rounds])[0] if "self_ns" in rounds[0][state] else None
            last = rounds[-1][state]
            made.append({"engine": engine.name, "state": state, "rounds": len(rounds), "us_more": more, "core_us_more": core, "ratio": ratio, "own_us": own,
                         "calls": last.get("calls", 0) / steps, "bytes": last.get("bytes", 0) / steps, "errors": last.get("errors")})  # fmt: skip
    return made


def show(alive: list[Engine], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Prints the tables."""
    told = []
    print(f"{options.requests} requests x {options.output} tokens a batch; us a step more with it [95 % interval], ratio, of a step of 5 ms, us of core time a step more, its own clock, calls and bytes a step")
    for engine in alive:
        if not engine.rounds:
            print(f"{engine.name}: no round was measured; see {engine.log}")
            continue
        off = interval([each["off"]["seconds"] / options.output * 1e3 for each in engine.rounds])
        print(f"{engine.name}: a step without {off[0]:.3f} ms [{off[1]:.3f}, {off[2]:.3f}], {len(engine.rounds)} rounds")
        for row in rows(engine, options):
            told.append(row)
            more, ratio, core = row["us_more"], row["ratio"], row["core_us_more"]
            own = "" if row["own_us"] is None else f"{row['own_us']:7.1f} us {row['calls']:5.0f} {row['bytes']:6.0f} B"
            errors = f" {row['errors']} errors" if row["errors"] else ""
            print(f"  {row['state']:16} {more[0]:8.1f} [{more[1]:.1f}, {more[2]:.1f}]  {ratio[0]:.4f} [{ratio[1]:.4f}, {ratio[2]:.4f}]  {more[0] / 50:6.2f} % {core[0]:8.1f} [{core[1]:.1f}, {core[2]:.1f}] {own}{errors}")
    across(alive, options)
    first = next((engine.ready for engine in alive if engine.ready), None)
    if first:
        print("single things, median ns: " + ", ".join(f"{name} {value:.0f}" for name, value in first["primitives"].items()))
    return told


def across(alive: list[Engine], options: argparse.Namespace) -> None:
    """Engines beside each other, round by round: what counting inside of graphs costs with and without its hooks."""
    by_name = {engine.name: engine for engine in alive}
    for runner in options.runners.split(","):
        plain = by_name.get(runner + "-plain")
        for kind, state in (("all", "all"), ("all", "off"), ("moe", "moe"), ("moe", "off")):
            other = by_name.get(f"{runner}-{kind}")
            if plain and other and plain.rounds and other.rounds:
                pairs = list(zip(plain.rounds, other.rounds))
                more = interval([(b[state]["seconds"] - a["off"]["seconds"]) / options.output * 1e6 for a, b in pairs])
                print(f"  {runner}: engine '{kind}' with {state:4} over engine 'plain' with nothing: {more[0]:7.1f} [{more[1]:.1f}, {more[2]:.1f}] us a step (two processes: they may differ by themselves)")


def main() -> int:
    """Starts, measures, prints, writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("where", choices=("cpu", "gpu"))
    parser.add_argument("--model", default="/tmp/tiny")
    parser.add_argument("--out", default=os.environ.get("OUT", "."))
    parser.add_argument("--runners", default="V1,V2")
    parser.add_argument("--seconds", type=float, default=280)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=8)
    parser.add_argument("--output", type=int, default=128)
    parser.add_argument("--layers", type=int, default=0)
    options = parser.parse_args()
    deadline = time.monotonic() + options.seconds
    begun, alive = engines(options), []
    for engine in begun:
        engine.ready = engine.answer(deadline - options.seconds / 5)
        print(f"{engine.name}: " + (f"ready, hooks {engine.ready['hooks']}" if engine.ready else f"did not start, see {engine.log}"), flush=True)
        if engine.ready:
            alive.append(engine)
    try:
        take_turns(alive, options, deadline)
        told = show(alive, options)
        with open(os.path.join(options.out, "ab.json"), "w", encoding="utf-8") as file:
            raw = {engine.name: {"ready": engine.ready, "rounds": engine.rounds, "peers": engine.peer_rounds} for engine in alive}
            json.dump({"options": vars(options), "rows": told, "raw": raw}, file)
    finally:
        for engine in begun:
            engine.end()
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
