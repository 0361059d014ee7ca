"""The front end: requests that arrive, inputs that are prepared, outputs that are taken in and become text."""

from __future__ import annotations

from typing import Any

from .engine import RequestEvents
from .hooks import Call, Hook
from .layout import ABSENT_U32, ABSENT_U64
from .probe import Probe
from .vllm_facts import engine_version

_OUTPUTS = "vllm.v1.engine.output_processor:OutputProcessor."
RECEIVED, FIRST_TEXT, DELIVERED = 1, 8, 9


class FrontEndWatch:
    """Follows the output processor of this process, of the server and of offline use alike."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._events = RequestEvents(probe)
        self._kind = probe.kind("front_end")
        self._detokenise = Hook("frontend.detokenise", "cpu", "frontend", ("vllm.v1.engine.detokenizer:BaseIncrementalDetokenizer.update",), operation="detokenise")
        probe.flushers.append(lambda: probe.operations.flush("frontend"))
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._without_text: set[str] = set()
        self._tokens: dict[str, int] = {}
        self._detokenised = 0
        self._first_told = False

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, profiler: str, *symbols: str, **rest: Any) -> Hook:
            return Hook("frontend." + name, profiler, "frontend", symbols, **rest)

        return [
            hook("processor", "base", _OUTPUTS + "__init__", before=self._begins),
            hook("add_request", "preemption", _OUTPUTS + "add_request", after=self._received, parameters=("request",)),
            hook("process_outputs", "base", _OUTPUTS + "process_outputs", after=self._took_in, parameters=("engine_core_outputs",), operation="process_outputs"),
            hook("process_inputs", "cpu", "vllm.v1.engine.input_processor:InputProcessor.process_inputs", "vllm.v1.engine.processor:Processor.process_inputs", operation="process_inputs"),
            hook("abort", "base", _OUTPUTS + "abort_requests", after=self._aborted),
            self._detokenise,
        ]

    def _begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._probe.engine = ("vllm", engine_version())
        self._probe.add_role("frontend")

    def _received(self, call: Call) -> None:
        request = call.argument(1, "request")
        name = request.request_id
        external = getattr(request, "external_req_id", None)
        prompt = request.prompt_token_ids
        limit = getattr(getattr(request, "sampling_params", None), "max_tokens", None)
        self._without_text.add(name)
        self._events.tell(
            RECEIVED,
            call.start,
            name,
            external=0 if external in (None, name) else external,
            arrival_wall_ns=int(request.arrival_time * 1e9) if request.arrival_time else ABSENT_U64,
            prompt_tokens=len(prompt) if prompt is not None else ABSENT_U32,
            max_tokens=limit if isinstance(limit, int) else ABSENT_U32,
        )

    def _took_in(self, call: Call) -> None:
        outputs = call.argument(1, "engine_core_outputs") or ()
        if not outputs:
            return
        tokens = finished = 0
        sums, known = self._tokens, self._tokens.get
        for output in outputs:
            name, count = output.request_id, len(output.new_token_ids)
            tokens += count
            sums[name] = known(name, 0) + count
            if output.finish_reason is not None:
                finished += 1
        if finished or self._without_text:
            self._milestones(outputs, call.end)
        self._tell(call, len(outputs), tokens, finished)

    def _milestones(self, outputs: Any, ts: int) -> None:
        """First texts and ends."""
        for output in outputs:
            name, count = output.request_id, len(output.new_token_ids)
            if count and name in self._without_text:
                self._without_text.discard(name)
                self._first_text(ts, name, count)
            if output.finish_reason is not None:
                self._delivered(ts, name)

    def _tell(self, call: Call, requests: int, tokens: int, finished: int) -> None:
        sent = call.argument(2, "engine_core_timestamp")
        total = self._detokenise.total_ns
        spent, self._detokenised = total - self._detokenised, total
        took = call.end - call.start
        self._probe.recorder.later(self._kind, call.start, took, int(sent * 1e9) if sent else ABSENT_U64, spent, ABSENT_U32, requests, tokens, finished)
        self._probe.pulse(call.end)

    def _first_text(self, ts: int, name: str, count: int) -> None:
        self._events.tell(FIRST_TEXT, ts, name, output_tokens=count)
        if not self._first_told:
            self._first_told = True
            recorder = self._probe.recorder
            recorder.emit(self._probe.kind("mark"), ts, recorder.text("first_token"), 0)

    def _aborted(self, call: Call) -> None:
        """Forgets requests that were given up; the engine core tells of their end."""
        for name in call.result if isinstance(call.result, (list, tuple, set)) else ():
            self._tokens.pop(name, None)
            self._without_text.discard(name)
            self._probe.recorder.forget(name)

    def _delivered(self, ts: int, name: str) -> None:
        self._events.tell(DELIVERED, ts, name, output_tokens=self._tokens.pop(name, ABSENT_U32))
        self._without_text.discard(name)
        self._probe.recorder.forget(name)
