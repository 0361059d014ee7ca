"""Encoders of multimodal and encoder-decoder models, and the decoder beside them."""

from __future__ import annotations

from typing import Any

from .hooks import Call, Hook
from .layout import ABSENT_U32, ABSENT_U64
from .probe import Probe
from .worker import Step, WorkerWatch

ENCODER, DECODER = 1, 2


class EncoderWatch:
    """Records the time of encoders on the host, and of the decoder in models that have an encoder."""

    def __init__(self, probe: Probe, worker: WorkerWatch) -> None:
        self._probe = probe
        self._worker = worker
        self._kind = probe.kind("encoder")
        self._beside = False
        if probe.settings.on("encoder-decoder"):
            worker.at_loaded.append(self._loaded)

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, symbol: str) -> Hook:
            return Hook("encoder." + name, "encoder-decoder", "worker", (symbol,), after=self._encoded)

        return [
            hook("mm_v1", "vllm.v1.worker.gpu_model_runner:GPUModelRunner._execute_mm_encoder"),
            hook("mm_v2", "vllm.v1.worker.gpu.mm.encoder_runner:EncoderRunner.execute_mm_encoder"),
        ]

    def _loaded(self, worker: Any) -> None:
        model = getattr(self._worker.config, "model_config", None)
        self._beside = bool(getattr(model, "is_encoder_decoder", False) or getattr(model, "is_multimodal_model", False))
        if self._beside and self._step_ended not in self._worker.at_end:
            self._worker.at_end.append(self._step_ended)

    def _encoded(self, call: Call) -> None:
        outputs = call.result if isinstance(call.result, (list, tuple)) else []
        if not outputs:
            return
        tokens = sum(int(each.shape[0]) for each in outputs if hasattr(each, "shape"))
        self._tell(call.start, call.end - call.start, ENCODER, (type(call.args[0]).__name__, len(outputs), tokens))

    def _step_ended(self, step: Step) -> None:
        if self._beside and step.forward_ns != ABSENT_U64:
            self._tell(step.forward_ts, step.forward_ns, DECODER, ("forward", ABSENT_U32, step.tokens))

    def _tell(self, ts: int, took: int, component: int, told: tuple[str, int, int]) -> None:
        context, items, tokens = told
        recorder = self._probe.recorder
        step = self._worker.step.number if self._worker.step else self._probe.step
        recorder.emit(self._kind, ts, took, ABSENT_U64, recorder.text(context), step, items, tokens, component)
