"""The start: what each process does from its first instruction to the first token, as spans that nest."""

from __future__ import annotations

import threading
from typing import Any

from . import clocks
from .hooks import Call, Hook
from .layout import ABSENT_U64
from .probe import Probe

TIMED_IMPORTS = (
    *("vllm", "torch", "transformers", "triton", "numpy", "vllm._C", "torch._dynamo", "torch._inductor", "flashinfer", "ray", "sglang"),
    *("vllm.entrypoints.openai.api_server", "vllm.v1.engine.async_llm", "vllm.v1.engine.core", "vllm.v1.worker.gpu_worker"),
    *("vllm.v1.worker.cpu_worker", "vllm.v1.worker.gpu_model_runner", "vllm.v1.worker.gpu.model_runner", "vllm.entrypoints.llm", "vllm.config"),
)
"""Modules whose import is a span of its own."""

_LONG_IMPORT_NS = 10_000_000
"""Other imports that are shorter are left out."""

_SPANS: tuple[tuple[str, str, str], ...] = (
    ("any", "config", "vllm.engine.arg_utils:EngineArgs.create_engine_config"),
    ("frontend", "config", "vllm.engine.arg_utils:EngineArgs.add_cli_args"),
    ("any", "tokenizer", "vllm.tokenizers.registry:get_tokenizer"),
    ("frontend", "server", "vllm.v1.engine.async_llm:AsyncLLM.__init__"),
    ("frontend", "server", "vllm.v1.engine.llm_engine:LLMEngine.__init__"),
    ("frontend", "process", "vllm.v1.engine.core_client:MPClient.__init__"),
    ("frontend", "process", "vllm.v1.engine.utils:wait_for_engine_startup"),
    ("frontend", "process", "vllm.v1.engine.utils:CoreEngineProcManager.__init__"),
    ("frontend", "server", "vllm.entrypoints.openai.api_server:build_app"),
    ("engine", "process", "vllm.v1.engine.core:EngineCore.__init__"),
    ("engine", "kv", "vllm.v1.engine.core:EngineCore._initialize_kv_caches"),
    ("engine", "process", "vllm.v1.executor.multiproc_executor:MultiprocExecutor._init_executor"),
    ("engine", "process", "vllm.v1.executor.multiproc_executor:WorkerProc.wait_for_ready"),
    ("engine", "kv", "vllm.v1.core.sched.scheduler:Scheduler.__init__"),
    ("worker", "process", "vllm.v1.worker.worker_base:WorkerWrapperBase.init_worker"),
    ("worker", "distributed", "vllm.v1.worker.gpu_worker:init_worker_distributed_environment"),
    ("worker", "distributed", "vllm.v1.worker.cpu_worker:init_worker_distributed_environment"),
    ("worker", "process", "vllm.v1.worker.gpu_worker:Worker.init_device"),
    ("worker", "process", "vllm.v1.worker.cpu_worker:CPUWorker.init_device"),
    ("worker", "load", "vllm.v1.worker.gpu_worker:Worker.load_model"),
    ("worker", "load", "vllm.model_executor.model_loader.base_loader:BaseModelLoader.load_model"),
    ("worker", "load", "vllm.model_executor.model_loader.default_loader:DefaultModelLoader.load_weights"),
    ("worker", "load", "vllm.model_executor.model_loader.dummy_loader:DummyModelLoader.load_weights"),
    ("worker", "kv", "vllm.v1.worker.gpu_worker:Worker.determine_available_memory"),
    ("worker", "kv", "vllm.v1.worker.cpu_worker:CPUWorker.determine_available_memory"),
    ("worker", "kv", "vllm.v1.worker.gpu_worker:Worker.initialize_from_config"),
    ("worker", "warm-up", "vllm.v1.worker.gpu_worker:Worker.compile_or_warm_up_model"),
    ("worker", "warm-up", "vllm.v1.worker.cpu_worker:CPUWorker.compile_or_warm_up_model"),
    ("worker", "warm-up", "vllm.v1.worker.gpu_model_runner:GPUModelRunner.profile_run"),
    ("worker", "warm-up", "vllm.v1.worker.gpu.model_runner:GPUModelRunner.profile_run"),
    ("worker", "warm-up", "vllm.v1.worker.cpu_model_runner:CPUModelRunner.warming_up_model"),
    ("worker", "warm-up", "vllm.model_executor.warmup.kernel_warmup:kernel_warmup"),
    ("worker", "capture", "vllm.v1.worker.gpu_model_runner:GPUModelRunner.capture_model"),
    ("worker", "capture", "vllm.v1.worker.gpu.model_runner:GPUModelRunner.capture_model"),
    ("worker", "compile", "vllm.compilation.backends:VllmBackend.__call__"),
    ("worker", "compile", "vllm.compilation.backends:CompilerManager.compile"),
)


class Startup:
    """Records spans of the start; they are told once each, so they may lie on any path."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("span")
        self._local = threading.local()

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""
        rows = []
        for role, category, symbol in _SPANS:
            qualname = symbol.split(":")[1]
            after = self._after(category, qualname)
            rows.append(Hook("start." + qualname + self._home(symbol), "startup", role, (symbol,), before=self._before, after=after, after_errors=True))
        return rows

    def _home(self, symbol: str) -> str:
        """A mark that tells functions of one name apart."""
        module = symbol.split(":")[0]
        alike = sum(each.split(":")[1] == symbol.split(":")[1] for _, _, each in _SPANS)
        return f"@{module.rsplit('.', 1)[1]}" + ("_v2" if ".gpu." in module else "") if alike > 1 else ""

    def time_imports(self) -> None:
        """Records the imports of the modules that are known to take long, and of any module of vLLM that did."""
        for name in TIMED_IMPORTS:
            self._probe.finder.time(name, self._imported)
        self._probe.finder.time_outermost("vllm", self._imported_outermost)

    def process_began(self) -> None:
        """Records when the process began and when the probe was there."""
        kind, start = self._probe.kind("mark"), clocks.start_monotonic_ns()
        if start is not None:
            self._probe.early(kind, start, "process_start", None)
        self._probe.early(kind, clocks.now(), "plugin_loaded", None)

    def _imported(self, name: str, start: int, end: int, failed: bool) -> None:
        self._probe.early(self._kind, start, end - start, ABSENT_U64, "import", name, None, 0, int(failed))

    def _imported_outermost(self, name: str, start: int, end: int, failed: bool) -> None:
        if end - start >= _LONG_IMPORT_NS:
            self._imported(name, start, end, failed)

    def _before(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        depth = getattr(self._local, "depth", 0)
        self._local.depth = depth + 1
        return depth

    def _after(self, category: str, name: str) -> Any:
        def after(call: Call) -> None:
            depth = call.token if call.token is not None else 0
            self._local.depth = depth
            detail = type(call.args[0]).__name__ if call.args and "." in name else None
            self._probe.early(
                self._kind, call.start, call.end - call.start, ABSENT_U64, category, name, detail, min(depth, 254), int(call.error is not None)
            )

        return after
