"""The KV cache of an engine core: blocks given out, freed, found again and thrown away, and why a prefix was not found."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from . import clocks
from .hooks import Call, Hook
from .layout import ABSENT_U8, ABSENT_U32
from .probe import Probe

_POOL = "vllm.v1.core.block_pool:BlockPool."
_MANAGER = "vllm.v1.core.kv_cache_manager:KVCacheManager."
_MOST_ROWS = 256
_REMEMBERED_EVICTIONS = 1 << 16
NONE, OTHER_TEXT, SHORT, EVICTED, OFF, NOT_TOLD = range(6)


class Counts:
    """What happened to blocks since the last step; the sums only grow while it lasts."""

    __slots__ = ("allocated", "freed", "touched", "evicted", "cached")

    def __init__(self) -> None:
        self.allocated = self.freed = self.touched = self.evicted = self.cached = 0

    def take(self) -> tuple[int, int, int, int, int]:
        """The counts in the order of the record `step`; they begin anew."""
        taken = (self.allocated, self.freed, self.touched, self.evicted, self.cached)
        if taken != _QUIET:
            self.allocated = self.freed = self.touched = self.evicted = self.cached = 0
        return taken


_QUIET = (0, 0, 0, 0, 0)
_UNKNOWN = (ABSENT_U32,) * 5


class KvWatch:
    """Follows the block pool of this process (with several, all of them together).

    Times of blocks are kept by their number: allocated, last used, times taken from the prefix cache.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._eviction = probe.kind("kv_eviction")
        self._prefix = probe.kind("prefix")
        self._slots = Hook("kv.allocate_slots", "kv-cache", "engine", (_MANAGER + "allocate_slots",), counts_none=True)
        self.forget_parent()
        probe.after_fork.append(self.forget_parent)

    def forget_parent(self) -> None:
        """Begins anew, as a child must after a fork."""
        self.pool: Any = None
        self._pools = 0
        self.counts = Counts()
        self._told_refused = 0
        self._allocated: dict[int, int] = {}
        self._used: dict[int, int] = {}
        self._uses: dict[int, int] = {}
        self._evicting: set[int] = set()
        self._evicted_hashes: OrderedDict[Any, None] = OrderedDict()
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._unlisted = 0
        self._lookups: dict[str, tuple[int, ...]] = {}

    def hooks(self) -> list[Hook]:
        """The rows of the table of hooks."""

        def hook(name: str, symbol: str, **rest: Any) -> Hook:
            return Hook("kv." + name, "kv-cache", "engine", (symbol,), **rest)

        return [
            hook("pool", _POOL + "__init__", after=self._pool_made),
            hook("get_new_blocks", _POOL + "get_new_blocks", after=self._blocks_given),
            hook("evict", _POOL + "_maybe_evict_cached_block", before=self._before_evict, after=self._evicted),
            hook("touch", _POOL + "touch", after=self._touched, parameters=("blocks",)),
            hook("free_blocks", _POOL + "free_blocks", before=self._before_free, after=self._freed),
            hook("cache", _POOL + "cache_full_blocks", after=self._cached, parameters=("num_cached_blocks", "num_full_blocks")),
            hook("reset", _POOL + "reset_prefix_cache", after=self._reset),
            self._slots,
            hook("free", _MANAGER + "free", before=self._before_free_request),
            hook("lookup", _MANAGER + "get_computed_blocks", after=self._looked_up, parameters=("request",)),
        ]

    def usage(self) -> tuple[int, int]:
        """Blocks in use and blocks of the pool, the null block counted in neither; both absent without a pool."""
        pool = self.pool
        if pool is None:
            return ABSENT_U32, ABSENT_U32
        total = pool.num_gpu_blocks - 1
        return total - pool.get_num_free_blocks(), total

    def _pool_made(self, call: Call) -> None:
        pool = call.args[0]
        self.pool = pool
        caching = getattr(pool, "enable_caching", None)
        self._probe.recorder.emit(
            self._probe.kind("kv_pool"),
            call.start,
            self._pools,
            pool.num_gpu_blocks - 1,
            getattr(pool, "hash_block_size", ABSENT_U32),
            ABSENT_U32,
            ABSENT_U8 if caching is None else int(caching),
        )
        self._pools += 1
        for table in (self._allocated, self._used, self._uses):
            table.clear()  # a pool that takes another's place: none of its blocks was given out

    def _blocks_given(self, call: Call) -> None:
        """Notes the blocks given out; those that were in use before have lost their content."""
        self.pool = call.args[0]
        now, allocated, used, uses = call.end, self._allocated, self._used, self._uses
        self.counts.allocated += len(call.result)
        for block in call.result:
            number = block.block_id
            since = allocated.get(number)
            if since is not None:
                self._lost(number, now - since, now - used.get(number, since), uses.get(number, 0))
            allocated[number] = used[number] = now
            uses[number] = 0
        self._evicting.clear()

    def _lost(self, number: int, lifetime: int, idle: int, uses: int) -> None:
        if len(self._rows) >= _MOST_ROWS:
            self._unlisted += 1
            return
        self._rows.append((lifetime, idle, number, uses, int(number in self._evicting)))

    def _before_evict(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        block = args[1] if len(args) > 1 else kwargs.get("block")
        return getattr(block, "block_hash", None)

    def _evicted(self, call: Call) -> None:
        if not call.result:
            return
        self.counts.evicted += 1
        block = call.argument(1, "block")
        self._evicting.add(block.block_id)
        if call.token is not None:
            self._evicted_hashes[plain_hash(call.token)] = None
            if len(self._evicted_hashes) > _REMEMBERED_EVICTIONS:
                self._evicted_hashes.popitem(last=False)

    def _touched(self, call: Call) -> None:
        blocks = call.argument(1, "blocks")
        if blocks and not hasattr(blocks[0], "block_id"):
            blocks = [block for group in blocks for block in group]
        now = call.end
        self.counts.touched += len(blocks)
        for block in blocks:
            number = block.block_id
            self._used[number] = now
            self._uses[number] = self._uses.get(number, 0) + 1

    def _before_free(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return args[0].get_num_free_blocks()

    def _freed(self, call: Call) -> None:
        self.counts.freed += call.args[0].get_num_free_blocks() - call.token

    def _before_free_request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Notes the last use of a request's blocks: the moment that it gives them back."""
        request = args[1] if len(args) > 1 else kwargs["request"]
        now = clocks.now()
        for number in self.blocks_of(args[0], request.request_id):
            self._used[number] = now

    def blocks_of(self, manager: Any, request: str) -> list[int]:
        """The numbers of the blocks that a request holds, those of all groups; none where the manager does not tell."""
        try:
            groups = manager.get_block_ids(request)
        except (AttributeError, KeyError):
            return []
        return [number for group in groups for number in (group if isinstance(group, (list, tuple)) else [group])]

    def _cached(self, call: Call) -> None:
        cached, full = call.argument(3, "num_cached_blocks"), call.argument(4, "num_full_blocks")
        if isinstance(cached, int) and isinstance(full, int) and full > cached:
            self.counts.cached += full - cached

    def _reset(self, call: Call) -> None:
        self._probe.recorder.emit(self._probe.kind("kv_reset"), call.start, int(bool(call.result)))

    def _looked_up(self, call: Call) -> None:
        """Keeps the last look-up of a request: one that waits is looked up at every step."""
        request = call.argument(1, "request")
        tokens = call.result[1] if isinstance(call.result, tuple) else 0
        hashes = getattr(request, "block_hashes", None)
        hit, evicted, miss = self._why_missed(call.args[0], request, int(tokens), hashes)
        full = ABSENT_U32 if hashes is None else len(hashes)
        again = int(getattr(request, "num_preemptions", 0) > 0)
        self._lookups[request.request_id] = (call.start, call.end - call.start, request.num_tokens, int(tokens), full, hit, evicted, miss, again)

    def _why_missed(self, manager: Any, request: Any, tokens: int, hashes: Any) -> tuple[int, int, int]:
        """Blocks found, blocks not found that had been evicted, and why the first that was not found was not."""
        if not getattr(manager, "enable_caching", True) or getattr(request, "skip_reading_prefix_cache", False):
            return 0, ABSENT_U32, OFF
        if hashes is None:
            return ABSENT_U32, ABSENT_U32, NOT_TOLD if tokens == 0 else NONE
        size = getattr(self.pool, "hash_block_size", None) or getattr(manager, "block_size", None)
        if not size:
            return ABSENT_U32, ABSENT_U32, NOT_TOLD
        hit = tokens // size
        # The engine looks for one token less than there are, so a last block that they fill is looked for in vain.
        sought = min(len(hashes), (request.num_tokens - 1) // size)
        if hit >= sought:
            return hit, 0, SHORT if request.num_tokens > tokens else NONE
        evicted = [plain in self._evicted_hashes for plain in hashes[hit:sought]]
        return hit, sum(evicted), EVICTED if evicted[0] else OTHER_TEXT

    def tell_lookup(self, request: str) -> None:
        """Records the look-up by which a request was scheduled, if there was one."""
        lookup = self._lookups.pop(request, None)
        if lookup:
            self._probe.recorder.emit(self._prefix, lookup[0], lookup[1], self._probe.recorder.text(request), *lookup[2:])

    def forget_request(self, request: str) -> None:
        """Forgets a request that ended."""
        self._lookups.pop(request, None)

    def take_refused(self) -> int:
        """Requests for blocks that found too few since the last call."""
        nones = self._slots.nones
        refused, self._told_refused = nones - self._told_refused, nones
        return refused

    def take_counts(self, step: int, now: int) -> tuple[int, int, int, int, int]:
        """The counts since the last call, absent where blocks are not seen at all; records what was evicted."""
        if self._rows or self._unlisted:
            self._tell_evictions(step, now)
        return self.counts.take() if self.pool is not None else _UNKNOWN

    def _tell_evictions(self, step: int, now: int) -> None:
        assert self._eviction.row
        pack = self._eviction.row.pack
        rows = b"".join([pack(*row, 0) for row in self._rows])
        self._probe.recorder.emit_rows(self._eviction, now, len(self._rows), rows, step, self._unlisted)
        self._rows.clear()
        self._unlisted = 0


def plain_hash(keyed: Any) -> Any:
    """A block's hash without the number of its group: what a request's own list of hashes holds."""
    if isinstance(keyed, bytes):
        return keyed[:-4]
    return getattr(keyed, "block_hash", keyed)


