"""First come, first served, in chunks of what the budget leaves; who comes last is preempted first."""

from types import SimpleNamespace

from vllm.v1.core.kv_cache_manager import KVCacheManager


class Scheduler:
    def __init__(self, blocks, max_num_running_reqs=8, max_num_scheduled_tokens=32):
        self.kv_cache_manager = KVCacheManager(blocks)
        self.requests, self.running, self.waiting = {}, [], []
        self.max_num_running_reqs = max_num_running_reqs
        self.max_num_scheduled_tokens = max_num_scheduled_tokens
        self.finished_req_ids = set()

    def add_request(self, request):
        self.requests[request.request_id] = request
        self.waiting.append(request)

    def schedule(self):
        budget, scheduled, new, preempted = self.max_num_scheduled_tokens, {}, [], False
        for request in list(self.running):
            if request not in self.running:
                continue
            tokens = min(budget, request.num_tokens - request.num_computed_tokens)
            while tokens and request in self.running and self.kv_cache_manager.allocate_slots(request, tokens) is None:
                self._preempt_request(self.running.pop(), 0.0)
                preempted = True
            if tokens and request in self.running:
                scheduled[request.request_id] = tokens
                budget -= tokens
        while self.waiting and budget and not preempted and len(self.running) < self.max_num_running_reqs:
            request = self.waiting[0]
            blocks, cached, _ = self.kv_cache_manager.get_computed_blocks(request)
            tokens = min(budget, request.num_tokens - cached)
            if self.kv_cache_manager.allocate_slots(request, tokens, cached, blocks) is None:
                break
            self.running.append(self.waiting.pop(0))
            request.num_computed_tokens = cached
            scheduled[request.request_id] = tokens
            budget -= tokens
            new.append(request)
        output = SimpleNamespace(
            num_scheduled_tokens=scheduled, total_num_scheduled_tokens=sum(scheduled.values()), scheduled_new_reqs=new, scheduled_spec_decode_tokens={}, scheduled_encoder_inputs={}
        )
        for name, tokens in scheduled.items():
            self.requests[name].num_computed_tokens += tokens
        return output

    def _preempt_request(self, request, timestamp):
        self.kv_cache_manager.free(request)
        request.num_computed_tokens = 0
        request.num_preemptions += 1
        self.waiting.insert(0, request)

    def update_from_output(self, scheduler_output, model_runner_output):
        outputs = []
        for name in scheduler_output.num_scheduled_tokens:
            request = self.requests.get(name)
            if request is None or request.num_computed_tokens < request.num_tokens:
                continue
            request.tokens.append(model_runner_output[name])
            request.hash_blocks()
            done = request.num_output_tokens >= request.max_tokens
            outputs.append(SimpleNamespace(request_id=name, new_token_ids=[request.tokens[-1]], finish_reason="length" if done else None))
            if done:
                request.status = "length"
                self.running.remove(request)
                self._free_request(request)
        return {0: SimpleNamespace(outputs=outputs)}

    def _free_request(self, request):
        self.kv_cache_manager.free(request)
        del self.requests[request.request_id]

    def get_grammar_bitmask(self, scheduler_output):
        return None
