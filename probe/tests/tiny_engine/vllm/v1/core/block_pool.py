"""A pool of blocks; block 0 stands for nothing. The block freed first is used again first."""


class Block:
    def __init__(self, number):
        self.block_id = number
        self.ref_cnt = 0
        self.block_hash = None


class BlockPool:
    def __init__(self, num_gpu_blocks, enable_caching, hash_block_size):
        self.num_gpu_blocks = num_gpu_blocks
        self.enable_caching = enable_caching
        self.hash_block_size = hash_block_size
        self.blocks = [Block(i) for i in range(num_gpu_blocks)]
        self.free = self.blocks[1:]
        self.cached = {}

    def get_num_free_blocks(self):
        return len(self.free)

    def get_new_blocks(self, num_blocks):
        blocks, self.free = self.free[:num_blocks], self.free[num_blocks:]
        for block in blocks:
            self._maybe_evict_cached_block(block)
            block.ref_cnt = 1
        return blocks

    def _maybe_evict_cached_block(self, block):
        if block.block_hash is None:
            return False
        self.cached.pop(block.block_hash, None)
        block.block_hash = None
        return True

    def touch(self, blocks):
        for block in blocks:
            if block.ref_cnt == 0:
                self.free.remove(block)
            block.ref_cnt += 1

    def free_blocks(self, ordered_blocks):
        for block in ordered_blocks:
            block.ref_cnt -= 1
            if block.ref_cnt == 0:
                self.free.append(block)

    def cache_full_blocks(self, request, blocks, num_cached_blocks, num_full_blocks, block_size, kv_cache_group_id):
        for i in range(num_cached_blocks, num_full_blocks):
            if request.block_hashes[i] + bytes(4) not in self.cached:
                blocks[i].block_hash = request.block_hashes[i] + bytes(4)
                self.cached[blocks[i].block_hash] = blocks[i]

    def reset_prefix_cache(self):
        return False
