"""The front end's side of requests."""

from vllm.v1.engine.detokenizer import BaseIncrementalDetokenizer


class OutputProcessor:
    def __init__(self):
        self.texts = {}
        self.detokenizer = BaseIncrementalDetokenizer()

    def add_request(self, request, prompt=None):
        self.texts[request.request_id] = ""

    def process_outputs(self, engine_core_outputs, engine_core_timestamp=None, iteration_stats=None):
        for output in engine_core_outputs:
            self.texts[output.request_id] += self.detokenizer.update(output.new_token_ids, False)
