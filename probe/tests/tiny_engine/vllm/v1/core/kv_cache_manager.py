"""The blocks of each request."""

from vllm.v1.core.block_pool import BlockPool
from vllm.v1.request import BLOCK


class KVCacheManager:
    def __init__(self, blocks):
        self.enable_caching = True
        self.block_pool = BlockPool(blocks, True, BLOCK)
        self.held = {}
        self.full = {}

    def get_block_ids(self, request_id):
        return ([block.block_id for block in self.held[request_id]],)

    def get_computed_blocks(self, request):
        found = []
        for each in request.block_hashes[: (request.num_tokens - 1) // BLOCK]:
            block = self.block_pool.cached.get(each + bytes(4))
            if block is None:
                break
            found.append(block)
        return found, len(found) * BLOCK, 0

    def allocate_slots(self, request, num_new_tokens, num_new_computed_tokens=0, new_computed_blocks=()):
        held = self.held.get(request.request_id, [])
        total = request.num_computed_tokens + num_new_computed_tokens + num_new_tokens
        needed = -(-total // BLOCK) - len(held) - len(new_computed_blocks)
        resting = sum(block.ref_cnt == 0 for block in new_computed_blocks)
        if needed > self.block_pool.get_num_free_blocks() - resting:
            return None
        if new_computed_blocks:
            self.block_pool.touch(new_computed_blocks)
        new = self.block_pool.get_new_blocks(needed) if needed > 0 else []
        self.held[request.request_id] = held + list(new_computed_blocks) + new
        full = total // BLOCK
        if full > self.full.get(request.request_id, 0):
            self.block_pool.cache_full_blocks(request, self.held[request.request_id], self.full.get(request.request_id, 0), min(full, len(request.block_hashes)), BLOCK, 0)
            self.full[request.request_id] = full
        return new

    def free(self, request):
        self.full.pop(request.request_id, None)
        self.block_pool.free_blocks(reversed(self.held.pop(request.request_id, [])))
