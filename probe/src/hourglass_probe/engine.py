"""The engine core: what the scheduler decides, what comes of it, and the lives of requests."""

from __future__ import annotations

import json
import zlib
from collections import deque
from typing import Any

from . import clocks
from .hooks import Call, Hook
from .kv import KvWatch
from .layout import ABSENT_I64, ABSENT_U32, ABSENT_U64
from .probe import Probe
from .threads import ThreadTimes
from .vllm_facts import describe_config, engine_version

_SCHEDULER = "vllm.v1.core.sched.scheduler:Scheduler."
_CORE = "vllm.v1.engine.core:EngineCore."
LEFT, PREFILL, DECODE, MIXED, RECOMPUTE = range(5)
QUEUED, SCHEDULED, FIRST_TOKEN, PREEMPTED, RESUMED, FINISHED = range(2, 8)


class RequestEvents:
    """Writes the records `request`."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kind = probe.kind("request")
        self._absent = {field.name: field.absent for field in self._kind.fields}
        self._texts = ("request", "external", "reason")

    def tell(self, event: int, ts: int, request: str, **known: Any) -> None:
        """Records a moment of a request; `known` are fields of the record by name."""
        values = {**self._absent, **known, "request": request, "event": event}
        text = self._probe.recorder.text
        for name in self._texts:
            if not isinstance(values[name], int):
                values[name] = text(values[name])
        self._probe.recorder.emit(self._kind, ts, *values.values())


class Batch:
    """Who was in the last step: a request's tokens already computed and its tokens in the step."""

    def __init__(self) -> None:
        self.members: dict[str, tuple[int, int]] = {}
        self.scheduled: dict[str, int] = {}
        self.plain = False
        self.context = 0
        self.tokens = 0


SumsOfPhases = tuple[int, int, int, int, int, int, int, int, int]
"""Tokens in the cache; requests and tokens of prefill, of decode, of recomputing; drafts; the phase of the step."""


class Sums:
    """A step's requests and tokens by phase."""

    __slots__ = ("requests", "tokens", "context", "drafts")

    def __init__(self) -> None:
        self.requests = [0] * 5
        self.tokens = [0] * 5
        self.context = 0
        self.drafts = 0

    def add(self, phase: int, tokens: int, computed: int) -> None:
        """Adds one request."""
        self.requests[phase] += 1
        self.tokens[phase] += tokens
        self.context += computed

    def told(self) -> SumsOfPhases:
        """All of them in the order of the record `step`."""
        requests, tokens = self.requests, self.tokens
        prefill = (requests[PREFILL], tokens[PREFILL])
        recompute = (requests[RECOMPUTE], tokens[RECOMPUTE], self.drafts)
        return (self.context, *prefill, requests[DECODE], tokens[DECODE], *recompute, self.phase())

    def phase(self) -> int:
        """The phase of the whole step."""
        present = [phase for phase in (PREFILL, DECODE, RECOMPUTE) if self.requests[phase]]
        return present[0] if len(present) == 1 else MIXED


class EngineWatch:
    """Follows the scheduler of this process. One scheduler: with several in one process their steps would be one row."""

    def __init__(self, probe: Probe, kv: KvWatch) -> None:
        self._probe = probe
        self._kv = kv
        self._events = RequestEvents(probe)
        self._threads = ThreadTimes(probe)
        self._step = probe.kind("step")
        self._done = probe.kind("step_done")
        self._changes = probe.kind("request_step")
        self._tells = probe.settings.on("batch") or probe.settings.on("kv-cache")
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self._next = 0
        self._batch = Batch()
        self._running: dict[str, int] = {}
        self._preempted: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._without_token: set[str] = set()
        self._open: deque[tuple[Any, int]] = deque()
        self._deciding = False
        self._updating = ABSENT_U32
        self._preemptions = 0
        self._finished = 0
        self._first_step_told = False
        self._skip_queues: list[str] | None = None
        self._told_limits: tuple[Any, tuple[int, int]] = (None, (ABSENT_U32, ABSENT_U32))

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, profiler: str, symbol: str, **rest: Any) -> Hook:
            return Hook("engine." + name, profiler, "engine", (symbol,), **rest)

        return [
            hook("core", "base", _CORE + "__init__", before=self._core_begins, after=self._core_made),
            hook("schedule", "base", _SCHEDULER + "schedule", before=self._decides, after=self._decided, operation="schedule", after_errors=True),
            hook("update", "base", _SCHEDULER + "update_from_output", before=self._updates, after=self._updated, operation="update_from_output"),
            hook("add_request", "preemption", _SCHEDULER + "add_request", after=self._queued, parameters=("request",)),
            hook("preempt", "preemption", _SCHEDULER + "_preempt_request", before=self._before_preempt, after=self._preempts),
            hook("free_request", "preemption", _SCHEDULER + "_free_request", before=self._ends),
            hook("grammar", "cpu", _SCHEDULER + "get_grammar_bitmask", operation="grammar_bitmask"),
            hook("stats", "cpu", _SCHEDULER + "make_stats", operation="make_stats"),
            hook("execute", "cpu", "vllm.v1.executor.abstract:Executor.execute_model", operation="execute_model"),
            hook("execute_mp", "cpu", "vllm.v1.executor.multiproc_executor:MultiprocExecutor.execute_model", operation="execute_model"),
            hook("sample_mp", "cpu", "vllm.v1.executor.multiproc_executor:MultiprocExecutor.sample_tokens", operation="sample_tokens"),
            hook("preprocess", "cpu", _CORE + "preprocess_add_request", operation="preprocess_request"),
            hook("aborts", "cpu", _CORE + "_process_aborts_queue", operation="process_aborts"),
        ]

    def _core_begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._probe.engine = ("vllm", engine_version())
        self._probe.add_role("engine")

    def _core_made(self, call: Call) -> None:
        config = getattr(call.args[0], "vllm_config", None) or call.argument(1, "vllm_config")
        described = describe_config(config)
        if described.get("data_parallel_rank") is not None:
            self._probe.ranks["data_parallel"] = described["data_parallel_rank"]
            self._probe.tell_meta()
        recorder = self._probe.recorder
        recorder.emit_text(self._probe.kind("config"), call.end, json.dumps(described, default=str))
        recorder.emit(self._probe.kind("mark"), call.end, recorder.text("engine_ready"), 0)

    # A decision -----------------------------------------------------------------------------------------------------

    def _decides(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._deciding = True
        self._probe.step = step = self._next
        if step == 0:
            self._probe.operations.flush("engine")

    def _decided(self, call: Call) -> None:
        self._deciding = False
        output = call.result
        if output is None or output.total_num_scheduled_tokens <= 0:
            self._probe.pulse(call.end)
            return
        step = self._next
        self._next += 1
        self._open.append((output, step))
        scheduler = call.args[0]
        same, sums = self._classify(scheduler, output, call, step)
        if self._tells:
            self._tell_step(scheduler, output, call, (step, same, sums))

    def _classify(self, scheduler: Any, output: Any, call: Call, step: int) -> tuple[int, SumsOfPhases]:
        """Whether the batch is the last one, one token further (1 or 0); and the sums of the step."""
        scheduled, total, last = output.num_scheduled_tokens, output.total_num_scheduled_tokens, self._batch
        count = len(scheduled)
        if last.plain and total == count and scheduled.keys() == last.scheduled.keys() and not self._preempted_in(scheduled):
            context = last.context + last.tokens
            last.context, last.tokens, last.scheduled = context, total, scheduled
            if last.members:
                last.members = {}
            return 1, (context, 0, 0, count, total, 0, 0, 0, DECODE)
        return 0, self._classify_each(scheduler, output, call, step).told()

    def _preempted_in(self, scheduled: dict[str, int]) -> bool:
        return bool(self._preempted) and not self._preempted.keys().isdisjoint(scheduled)

    def _classify_each(self, scheduler: Any, output: Any, call: Call, step: int) -> Sums:
        sums, rows, plain = Sums(), [], True
        last, members, requests = self._batch, {}, scheduler.requests
        drafts = output.scheduled_spec_decode_tokens or {}
        for name, tokens in output.num_scheduled_tokens.items():
            request = requests[name]
            computed = request.num_computed_tokens - tokens
            if name not in self._running:
                self._begins(request, call, step, computed)
            phase = self._phase_of(request, computed)
            sums.add(phase, tokens, computed)
            members[name] = (computed, tokens)
            goes_on = computed + tokens >= request.num_prompt_tokens and computed + tokens >= self._lost.get(name, 0)
            plain = plain and goes_on and tokens - len(drafts.get(name, ())) >= 1
            if phase != DECODE or tokens != 1 or name not in last.scheduled or self._unexpected(name, computed):
                rows.append((name, tokens, computed, phase, min(254, len(drafts.get(name, ())))))
        sums.drafts = sum(map(len, drafts.values()))
        rows += [(name, 0, 0, LEFT, 0) for name in last.scheduled if name not in output.num_scheduled_tokens]
        last.members, last.scheduled, last.plain = members, output.num_scheduled_tokens, plain and not drafts
        last.context, last.tokens = sums.context, output.total_num_scheduled_tokens
        self._tell_changes(call.start, step, rows)
        return sums

    def _unexpected(self, name: str, computed: int) -> bool:
        before = self._batch.members.get(name)
        return before is not None and before[0] + before[1] != computed

    def _phase_of(self, request: Any, computed: int) -> int:
        if computed < self._lost.get(request.request_id, 0):
            return RECOMPUTE
        return PREFILL if computed < request.num_prompt_tokens else DECODE

    def _begins(self, request: Any, call: Call, step: int, computed: int) -> None:
        """A request is scheduled for the first time, or anew after a preemption."""
        name = request.request_id
        since = self._preempted.pop(name, None)
        self._running[name] = call.start
        self._kv.tell_lookup(name)
        known = dict(step=step, cached_tokens=computed, prompt_tokens=request.num_prompt_tokens)
        if since is not None:
            self._events.tell(RESUMED, call.start, name, running_ns=call.start - since, output_tokens=request.num_output_tokens, **known)
            return
        self._without_token.add(name)
        self._events.tell(SCHEDULED, call.start, name, **known)

    def _tell_changes(self, ts: int, step: int, rows: list[tuple[str, int, int, int, int]]) -> None:
        if not rows:
            return
        text, kind = self._probe.recorder.text, self._changes
        assert kind.row
        packed = b"".join([kind.row.pack(text(row[0]), *row[1:], 0) for row in rows])
        self._probe.recorder.emit_rows(kind, ts, len(rows), packed, step)
        for name, _, _, phase, _ in rows:
            if phase == LEFT and name not in self._running and name not in self._preempted:
                self._probe.recorder.forget(name)

    def _tell_step(self, scheduler: Any, output: Any, call: Call, told: tuple[int, int, SumsOfPhases]) -> None:
        step, same, (context, prefills, prefill_tokens, decodes, decode_tokens, again, again_tokens, drafts, phase) = told
        used, total = self._kv.usage()
        allocated, freed, touched, evicted, cached = self._kv.take_counts(step, call.end)
        scheduled, tokens = output.num_scheduled_tokens, output.total_num_scheduled_tokens
        encoders, start = output.scheduled_encoder_inputs, call.start
        skipped = self._skipped(scheduler)
        self._probe.recorder.later(
            self._step, start, call.end - start, context, step, check(scheduled, tokens), len(scheduled), tokens, prefills, prefill_tokens,
            decodes, decode_tokens, again, again_tokens, drafts, sum(map(len, encoders.values())) if encoders else 0,
            *self._limits(scheduler),
            len(scheduler.running), len(scheduler.waiting) + skipped, skipped, len(output.scheduled_new_reqs), self._preemptions, self._finished,
            self._kv.take_refused(), used, total, allocated, freed, touched, evicted, cached, phase, same,
        )  # fmt: skip
        self._preemptions = self._finished = 0

    def _limits(self, scheduler: Any) -> tuple[int, int]:
        """Most requests and tokens of a step; what is no number is absent."""
        limits = (getattr(scheduler, "max_num_running_reqs", None), getattr(scheduler, "max_num_scheduled_tokens", None))
        if limits != self._told_limits[0]:
            self._told_limits = (limits, (_whole(limits[0]), _whole(limits[1])))
        return self._told_limits[1]

    def _skipped(self, scheduler: Any) -> int:
        """Requests that wait in queues of their own, which depend on the release."""
        if self._skip_queues is None:
            self._skip_queues = [name for name in ("skipped_waiting", "kv_holding_waiting") if hasattr(scheduler, name)]
        skipped = 0
        for name in self._skip_queues:
            skipped += len(getattr(scheduler, name))
        return skipped

    # What comes of it -----------------------------------------------------------------------------------------------

    def _updates(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        output = args[1] if len(args) > 1 else kwargs.get("scheduler_output")
        self._updating = ABSENT_U32
        for index, (known, step) in enumerate(self._open):
            if known is output:
                self._updating = step
                for _ in range(index + 1):
                    self._open.popleft()
                return

    def _updated(self, call: Call) -> None:
        step, self._updating = self._updating, ABSENT_U32
        if step == ABSENT_U32:
            return
        requests, tokens, finished = self._outputs(call, step)
        probe, end = self._probe, call.end
        probe.recorder.later(self._done, call.start, end - call.start, step, requests, tokens, ABSENT_U32, finished)
        if not self._first_step_told:
            self._first_step_told = True
            probe.first_step(end)
        probe.operations.flush("engine", step)
        self._threads.tell(step, end)
        probe.pulse(end)

    def _outputs(self, call: Call, step: int) -> tuple[int, int, int]:
        """Requests with tokens, their tokens, requests that ended; records first tokens."""
        requests = tokens = finished = 0
        for outputs in (call.result or {}).values():
            each = outputs.outputs
            for output in each:  # a plain loop is the fastest here: measured against map and attrgetter
                count = len(output.new_token_ids)
                if count:
                    requests += 1
                    tokens += count
                if output.finish_reason is not None:
                    finished += 1
            if self._without_token:
                self._first_tokens(each, call.start, step)
        return requests, tokens, finished

    def _first_tokens(self, outputs: Any, ts: int, step: int) -> None:
        waiting = self._without_token
        for output in outputs:
            count, name = len(output.new_token_ids), output.request_id
            if count and name in waiting:
                waiting.discard(name)
                self._events.tell(FIRST_TOKEN, ts, name, step=step, output_tokens=count)

    # Requests -------------------------------------------------------------------------------------------------------

    def _queued(self, call: Call) -> None:
        request = call.argument(1, "request")
        self._events.tell(
            QUEUED,
            call.start,
            request.request_id,
            arrival_wall_ns=int(request.arrival_time * 1e9),
            prompt_tokens=request.num_prompt_tokens,
            max_tokens=_whole(getattr(request, "max_tokens", None)),
            priority=getattr(request, "priority", ABSENT_I64),
        )

    def _before_preempt(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, int]:
        """Tokens and blocks that the request is about to lose."""
        request = args[1] if len(args) > 1 else kwargs["request"]
        manager = getattr(args[0], "kv_cache_manager", None)
        return request.num_computed_tokens, len(self._kv.blocks_of(manager, request.request_id)) if manager else ABSENT_U32

    def _preempts(self, call: Call) -> None:
        request, (computed, blocks) = call.argument(1, "request"), call.token
        name = request.request_id
        since = self._running.pop(name, None)
        self._preempted[name] = call.start
        self._lost[name] = max(computed, self._lost.get(name, 0))
        self._preemptions += 1
        self._events.tell(
            PREEMPTED,
            call.start,
            name,
            reason=self._reason(call.args[0]),
            step=self._next,
            running_ns=ABSENT_U64 if since is None else call.start - since,
            computed_tokens=computed,
            blocks=blocks,
            output_tokens=request.num_output_tokens,
            preemptions=_whole(getattr(request, "num_preemptions", None)),
        )

    def _reason(self, scheduler: Any) -> str:
        if not self._deciding:
            return "cache_reset"
        policy = str(getattr(getattr(scheduler, "policy", ""), "value", "")).lower()
        return "priority" if policy == "priority" else "kv_full"

    def _ends(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        request = args[1] if len(args) > 1 else kwargs["request"]
        name = request.request_id
        self._finished += 1
        reason = request.get_finished_reason() if hasattr(request, "get_finished_reason") else None
        self._events.tell(
            FINISHED,
            clocks.now(),
            name,
            reason=str(reason if reason is not None else request.status).lower(),
            step=self._updating,
            prompt_tokens=request.num_prompt_tokens,
            output_tokens=request.num_output_tokens,
            preemptions=_whole(getattr(request, "num_preemptions", None)),
        )
        for table in (self._running, self._preempted, self._lost):
            table.pop(name, None)
        self._without_token.discard(name)
        self._kv.forget_request(name)
        if name not in self._batch.scheduled:
            self._probe.recorder.forget(name)


_checked: list[tuple[tuple[int, int, str, str], int]] = [((0, 0, "", ""), 0)]
"""The last check and of what: a batch that goes on has the same one, and so have both sides of a step in one process."""


def check(scheduled: dict[str, int], tokens: int) -> int:
    """The field check of the records step and exec: CRC-32 of tokens, requests, first and last request."""
    whole = (tokens, len(scheduled), next(iter(scheduled)), next(reversed(scheduled)))
    known = _checked[0]
    if known[0] == whole:
        return known[1]
    made = zlib.crc32("{} {} {} {}".format(*whole).encode())
    _checked[0] = (whole, made)
    return made


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else ABSENT_U32


