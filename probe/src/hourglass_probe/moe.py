"""Routing of tokens to experts: who was chosen, with whom, with what weight, and how evenly.

On a CPU the routers' results are kept as they are and summed by a handful of array operations when a window ends. On a
GPU a kernel adds to counters on the device, so that a CUDA graph that holds it counts at every replay.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from .device_moe import DeviceCounters
from .hooks import INACTIVE, OK, Call, Hook
from .moe_window import Kept, Window
from .probe import Probe
from .vllm_facts import moe_hidden_reason
from .worker import Step, WorkerWatch

_ROUTER = "vllm.model_executor.layers.fused_moe.router."
_MOST_KEPT = 1 << 20
"""Choices that are kept before the window ends early."""
LOGICAL, PHYSICAL, DEVICE = 1, 2, 3


class MoeWatch:
    """Follows the routers of the worker in this process."""

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._worker = worker
        self._lock = threading.Lock()
        self.router = Hook(
            "moe.select_experts", "moe", "worker",
            (_ROUTER + "fused_moe_router:FusedMoERouter.select_experts", _ROUTER + "base_router:BaseRouter.select_experts"),
            after=self._routed, parameters=("router_logits",), reason="no model was loaded",
        )
        self._device: DeviceCounters | None = None
        self._dummies: list[Hook] = []
        self._captures = Hook("moe.capture_end", "moe", "worker", ("torch.cuda.graphs:CUDAGraph.capture_end",), before=self._capture_ends)
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)
        probe.flushers.append(self.flush)
        worker.at_loaded.append(self._loaded)
        worker.at_end.append(self._step_ended)
        worker.at_forward.append(self._forward_begins)
        worker.at_forward_end.append(self._forward_ended)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._layers: dict[int, int] = {}
        self._declared: set[int] = set()
        self._kept: list[tuple[int, int, Any, Any]] = []
        self._size = 0
        self._experts = 0
        self._device = None

    # Setting the hook ------------------------------------------------------------------------------------------------

    def _loaded(self, worker: Any) -> None:
        """Looks for the routers of a model that was loaded, and sets the hook where they can be seen."""
        reason = self._why_not(worker)
        if reason:
            self.router.become(INACTIVE, reason)
        else:
            self._probe.add_hooks([self.router])
        self._probe.tell_capabilities()

    def _why_not(self, worker: Any) -> str | None:
        if self._probe.settings.moe_tier == "off":
            return "its tier is off"
        model = getattr(getattr(worker, "model_runner", None), "model", None)
        if model is None or not hasattr(model, "named_modules"):
            return "the worker has no model to look into"
        routers = [(name, module) for name, module in model.named_modules() if hasattr(getattr(module, "router", None), "select_experts")]
        if not routers:
            return "the model has no router that can be seen: no routed experts, or a kernel that routes by itself"
        hidden = moe_hidden_reason(self._worker.config)
        if hidden:
            return hidden
        for index, (name, module) in enumerate(routers):
            found = re.search(r"(?:^|\.)layers?\.(\d+)(?:\.|$)", name)
            self._layers[id(module.router)] = int(found.group(1)) if found else index
        self._prepare_device(worker, [module for _, module in routers])
        return None

    def _prepare_device(self, worker: Any, modules: list[Any]) -> None:
        device = getattr(worker, "device", None)
        if getattr(device, "type", None) != "cuda":
            return
        self._device = DeviceCounters(self._probe, device, len(modules))
        self._probe.add_hooks([self._captures])
        self._device.hears_captures = self._captures.status == OK
        if not self._dummies:
            for version, module in (("v1", "gpu_model_runner"), ("v2", "gpu.model_runner")):
                symbol = f"vllm.v1.worker.{module}:GPUModelRunner._dummy_run"
                self._dummies.append(Hook("moe.dummy_run_" + version, "moe", "worker", (symbol,), before=self._dummy_begins))
        self._probe.add_hooks(self._dummies)
        own = {name.__module__ for name in type(worker.model_runner).__mro__}
        set_here = [hook for hook in self._dummies if hook.symbols[0].split(":")[0] in own]
        self._device.zero_after = not set_here or any(hook.status != OK for hook in set_here)

    def _capture_ends(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._device is not None:
            self._device.capture_ends()

    def _dummy_begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._device is not None:
            self._device.nothing_counts()

    # What is seen ----------------------------------------------------------------------------------------------------

    def _routed(self, call: Call) -> None:
        router, result = call.args[0], call.result
        layer = self._layers.get(id(router))
        if layer is None or not isinstance(result, tuple) or len(result) < 2:
            return
        weights, ids = result[0], result[1]
        if layer not in self._declared:
            self._declare(layer, router, call, ids)
        if self._device is not None:
            self._device.count(layer, ids, weights, call.argument(2, "router_logits").shape[-1])
            return
        step = self._worker.step
        if step is None:
            return
        with self._lock:
            self._kept.append((layer, step.number, ids[: step.tokens].clone(), weights[: step.tokens].clone()))
            self._size += ids.shape[0] * ids.shape[1]

    def _declare(self, layer: int, router: Any, call: Call, ids: Any) -> None:
        self._declared.add(layer)
        logits = call.argument(2, "router_logits")
        placed = getattr(router, "enable_eplb", False) or getattr(getattr(router, "eplb_state", None), "logical_to_physical_map", None) is not None
        source = DEVICE if self._device is not None else PHYSICAL if placed else LOGICAL
        text = self._probe.recorder.text
        self._probe.recorder.emit(
            self._probe.kind("moe_layer"), call.end, 0, text(type(router).__name__), layer, int(logits.shape[-1]), int(ids.shape[-1]), source
        )
        self._experts = int(logits.shape[-1])

    def _forward_begins(self, step: Step) -> None:
        if self._device is not None:
            self._device.begin(step)

    def _forward_ended(self, step: Step) -> None:
        if self._device is not None:
            self._device.end()

    def _step_ended(self, step: Step) -> None:
        if self._size > _MOST_KEPT:
            self.flush()

    # Windows ---------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Records the window that is open, and opens another."""
        if self._device is not None:
            self._device.flush()
            return
        with self._lock:
            kept, self._kept, self._size = self._kept, [], 0
        if not kept:
            return
        arrays = [Kept(layer, step, ids.numpy(), weights.float().numpy()) for layer, step, ids, weights in kept]
        for top_k in sorted({each.ids.shape[1] for each in arrays}):
            Window(self._probe, [each for each in arrays if each.ids.shape[1] == top_k], self._experts).tell()
