"""What the environment asks of the probe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

PROFILERS = ("cuda-graph", "kv-cache", "moe", "forward", "cpu", "batch", "preemption", "encoder-decoder", "startup", "stalls")
"""The profilers that are on where nobody says otherwise."""

EXTRA_PROFILERS = ("gil",)
"""Those that only HOURGLASS_ENABLE switches on."""

GPU_TIMELINE = "gpu-timeline"
"""The profiler that HOURGLASS_GPU alone switches on."""

TORCH_PROFILE = "torch-profile"
"""The one that HOURGLASS_TORCH_PROFILE alone switches on."""

MOE_TIERS = ("off", "counts", "samples")


@dataclass(frozen=True)
class GpuWish:
    """What of the GPU's timeline is wanted: `steps` of them from step `after` on, all where `steps` is None; CUDA graphs by
    their nodes, or `whole` as one span each."""

    steps: int | None
    after: int
    whole: bool


@dataclass(frozen=True)
class Window:
    """`steps` steps from step `after` on."""

    steps: int
    after: int


@dataclass(frozen=True)
class Settings:
    """The settings of one process. `flush_ns` is the period of what is summed; `moe_every` of sampled steps."""

    directory: str | None
    profilers: frozenset[str]
    verbose: bool
    flush_ns: int
    limit_bytes: int
    segment_bytes: int
    moe_tier: str
    moe_every: int
    user_hooks: tuple[str, ...]
    complaints: tuple[str, ...]
    gpu: GpuWish | None = None
    torch: Window | None = None

    def on(self, profiler: str) -> bool:
        """Whether a profiler is to record."""
        return profiler in self.profilers


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").replace(";", ",").split(",") if word.strip()]


def _profilers(environment: Mapping[str, str], complaints: list[str]) -> frozenset[str]:
    """The defaults without HOURGLASS_DISABLE and with HOURGLASS_ENABLE; `all` stands for every one."""
    known = frozenset(PROFILERS + EXTRA_PROFILERS)
    chosen: set[str] = set(PROFILERS)
    for name, apply in (("HOURGLASS_DISABLE", chosen.difference_update), ("HOURGLASS_ENABLE", chosen.update)):
        words = _words(environment.get(name))
        complaints.extend(f"{name} names '{word}', which is none of {', '.join(sorted(known))}" for word in words if word not in known and word != "all")
        apply(known if "all" in words else known.intersection(words))
    return frozenset(chosen)


def _positive(environment: Mapping[str, str], names: tuple[str, ...], default: int, complaints: list[str]) -> int:
    for name in names:
        text = environment.get(name)
        if not text:
            continue
        if text.isdecimal() and int(text) > 0:
            return int(text)
        complaints.append(f"{name} is '{text}', which is no positive whole number; {default} is taken")
    return default


def _moe_tier(environment: Mapping[str, str], profilers: frozenset[str], complaints: list[str]) -> str:
    tier = environment.get("HOURGLASS_MOE", "counts")
    if tier not in MOE_TIERS:
        complaints.append(f"HOURGLASS_MOE is '{tier}', which is none of {', '.join(MOE_TIERS)}; counts is taken")
        tier = "counts"
    return tier if "moe" in profilers else "off"


def _gpu(environment: Mapping[str, str], complaints: list[str]) -> GpuWish | None:
    """HOURGLASS_GPU: `always` or `steps=N[,after=M]`, and `graphs=nodes` or `graphs=whole`; nothing for off."""
    words = _words(environment.get("HOURGLASS_GPU"))
    told = dict(word.partition("=")[::2] for word in words)
    numbers = {name: int(told[name]) for name in ("steps", "after") if told.get(name, "").isdecimal()}
    known = {"always": "", "graphs": told.get("graphs", "nodes"), **{name: str(number) for name, number in numbers.items()}}
    wrong = [word for word in words if word.partition("=")[0] not in known] + [n for n in ("steps", "after") if n in told and n not in numbers]
    if known["graphs"] not in ("nodes", "whole") or numbers.get("steps") == 0 or ("after" in told and "steps" not in told):
        wrong.append("its combination")
    if wrong:
        complaints.append(f"HOURGLASS_GPU is '{environment.get('HOURGLASS_GPU')}', of which {wrong[0]} is not known; no timeline is recorded")
        return None
    whole = known["graphs"] == "whole"
    if whole and "steps" in numbers:
        complaints.append("HOURGLASS_GPU asks for whole graphs in a window of steps, which is not safe where graphs exist before it; their nodes are taken")
    return GpuWish(numbers.get("steps"), numbers.get("after", 0), whole and "steps" not in numbers) if words else None


def _torch(environment: Mapping[str, str], complaints: list[str]) -> Window | None:
    """HOURGLASS_TORCH_PROFILE: `steps=N[,after=M]`; nothing for off."""
    text = environment.get("HOURGLASS_TORCH_PROFILE") or ""
    told = dict(word.partition("=")[::2] for word in _words(text))
    if told and (set(told) - {"steps", "after"} or not all(value.isdecimal() for value in told.values()) or int(told.get("steps", 0)) == 0):
        complaints.append(f"HOURGLASS_TORCH_PROFILE is '{text}', not steps=N[,after=M]; nothing is profiled")
        return None
    return Window(int(told["steps"]), int(told.get("after", 0))) if told else None


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the environment. ProfileMate's variables count where ours say nothing."""
    complaints: list[str] = []
    profilers = _profilers(environment, complaints)
    off = environment.get("VLLM_ENABLE_PROFILING") == "0" and "HOURGLASS_DIR" not in environment
    directory = None if off else environment.get("HOURGLASS_DIR") or environment.get("VLLM_PROFILING_DIR") or None
    gpu = _gpu(environment, complaints)
    torch = _torch(environment, complaints)
    return Settings(
        directory=directory,
        profilers=profilers | ({GPU_TIMELINE} if gpu else set()) | ({TORCH_PROFILE} if torch else set()),
        verbose=(environment.get("HOURGLASS_VERBOSE") or environment.get("VLLM_PROFILING_VERBOSE") or "0") != "0",
        flush_ns=_positive(environment, ("HOURGLASS_FLUSH_MS",), 1000, complaints) * 1_000_000,
        limit_bytes=_positive(environment, ("HOURGLASS_LIMIT_MB",), 1024, complaints) << 20,
        segment_bytes=_positive(environment, ("HOURGLASS_SEGMENT_KB",), 4096, complaints) << 10,
        moe_tier=_moe_tier(environment, profilers, complaints),
        moe_every=_positive(environment, ("HOURGLASS_MOE_EVERY", "VLLM_PROFILING_LOG_INTERVAL"), 100, complaints),
        user_hooks=tuple(path for path in (environment.get("HOURGLASS_HOOKS") or "").split(os.pathsep) if path),
        gpu=gpu,
        torch=torch,
        complaints=tuple(complaints),
    )
