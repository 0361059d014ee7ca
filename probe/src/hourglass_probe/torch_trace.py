"""PyTorch's own profiler over a window of steps: operators, shapes and kernels of a worker as a Chrome trace."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

from . import clocks
from .hooks import DISABLED, INACTIVE, OK, Hook
from .probe import Probe
from .settings import TORCH_PROFILE
from .worker import Step, WorkerWatch


class TorchTrace:
    """Lets PyTorch's profiler record the wished-for steps of this worker, each named as vLLM's own profiler names it.

    The trace is written beside the segments as `torch-PID-NUMBER-OFFSET.json.gz`; OFFSET is what is to be taken from its times
    to get CLOCK_MONOTONIC ns.
    """

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._wish = probe.settings.torch
        self.hook = Hook("torch.trace", TORCH_PROFILE, "any", ("torch.profiler:profile.start",))
        self._forget()
        if self._wish is None:
            return
        self.hook.become(INACTIVE, f"step {self._wish.after} of this process did not come")
        probe.hooks.append(self.hook)
        probe.after_fork.append(self._forget)
        probe.at_end.append(self._end)
        worker.at_end.append(self._step_ends)
        symbols = ("vllm.v1.worker.gpu_worker:Worker.execute_model",)
        probe.add_hooks([Hook("torch.step", TORCH_PROFILE, "worker", symbols, before=self._step_begins)])

    def _forget(self) -> None:
        self._steps = self._traces = 0
        self._profiler: Any = None
        self._annotation: Any = None
        self._writing: threading.Thread | None = None

    def _step_begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        output = args[1] if len(args) > 1 else kwargs["scheduler_output"]
        if output.total_num_scheduled_tokens <= 0:
            return
        number, wish = self._steps, self._wish
        self._steps += 1
        assert wish
        if number == wish.after:
            self._start()
        elif number == wish.after + wish.steps:
            self._stop()
        if self._profiler is not None:
            self._annotation = sys.modules["torch"].profiler.record_function(step_name(output))
            self._annotation.__enter__()

    def _step_ends(self, step: Step) -> None:
        annotation, self._annotation = self._annotation, None
        if annotation is not None:
            annotation.__exit__(None, None, None)

    def _start(self) -> None:
        try:
            import torch.profiler as torch_profiler

            activities = [torch_profiler.ProfilerActivity.CPU]
            if sys.modules["torch"].cuda.is_available():
                activities.append(torch_profiler.ProfilerActivity.CUDA)
            profiler = torch_profiler.profile(activities=activities, record_shapes=True)
            profiler.start()
            self._profiler = profiler
            self._become(OK, None)
        except Exception as error:
            self._become(DISABLED, f"the profiler did not start: {error!r}"[:400])

    def _stop(self) -> None:
        """Ends the recording; what takes long, writing it down, is done beside the engine."""
        profiler, self._profiler = self._profiler, None
        if profiler is None:
            return
        try:
            torch = sys.modules["torch"]
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            profiler.stop()
        except Exception as error:
            self._become(DISABLED, f"the profiler did not stop: {error!r}"[:400])
            return
        self._writing = threading.Thread(target=self._write, args=(profiler,), name="hourglass-trace", daemon=True)
        self._writing.start()

    def _write(self, profiler: Any) -> None:
        try:
            monotonic, wall, _ = clocks.pair()
            assert self._probe.settings.directory
            name = f"torch-{os.getpid()}-{self._traces}-{wall - monotonic}.json.gz"
            self._traces += 1
            hidden = os.path.join(self._probe.settings.directory, "." + name)
            profiler.export_chrome_trace(hidden)
            os.rename(hidden, os.path.join(self._probe.settings.directory, name))
            self.hook.fires += 1
        except Exception as error:
            self._probe.contain("torch.trace", error)
            self._become(DISABLED, f"the trace was not written: {error!r}"[:400])

    def _become(self, status: int, reason: str | None) -> None:
        self.hook.become(status, reason)
        self._probe.tell_capabilities()

    def _end(self) -> None:
        self._step_ends(None)  # type: ignore[arg-type]
        self._stop()
        if self._writing is not None:
            deadline = time.monotonic() + 120
            while self._writing.is_alive() and time.monotonic() < deadline:
                self._writing.join(1)


def step_name(output: Any) -> str:
    """The name that vLLM's own profiler gives a step: requests and tokens in prefill, and in decode."""
    tokens = output.num_scheduled_tokens
    prefills = {request.req_id for request in output.scheduled_new_reqs}
    cached = getattr(output, "scheduled_cached_reqs", None)
    is_prefill = getattr(cached, "is_context_phase", None)
    if is_prefill is not None:
        prefills.update(request for request in cached.req_ids if is_prefill(request))
    prefill_tokens = sum(tokens.get(request, 0) for request in prefills)
    return f"execute_context_{len(prefills)}({prefill_tokens})_generation_{len(tokens) - len(prefills)}({output.total_num_scheduled_tokens - prefill_tokens})"
