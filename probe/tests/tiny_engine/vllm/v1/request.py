"""A request in the engine core. A block's hash covers all tokens before it."""

import time

BLOCK = 4


class Request:
    def __init__(self, request_id, prompt_token_ids, max_tokens):
        self.request_id = request_id
        self.prompt_token_ids = prompt_token_ids
        self.num_prompt_tokens = len(prompt_token_ids)
        self.tokens = list(prompt_token_ids)
        self.max_tokens = max_tokens
        self.num_computed_tokens = 0
        self.num_preemptions = 0
        self.priority = 0
        self.arrival_time = time.time()
        self.status = "waiting"
        self.block_hashes = []
        self.hash_blocks()

    def hash_blocks(self):
        for end in range((len(self.block_hashes) + 1) * BLOCK, len(self.tokens) + 1, BLOCK):
            self.block_hashes.append(repr(self.tokens[:end]).encode())

    @property
    def num_tokens(self):
        return len(self.tokens)

    @property
    def num_output_tokens(self):
        return len(self.tokens) - self.num_prompt_tokens

    def get_finished_reason(self):
        return self.status
