"""A worker, in the engine core's process or behind a pipe."""

from vllm.v1.worker.gpu_model_runner import GPUModelRunner


class Worker:
    def __init__(self, rank=0):
        self.rank, self.local_rank, self.vllm_config = rank, rank, None

    def load_model(self):
        self.model_runner = GPUModelRunner()

    def execute_model(self, scheduler_output):
        return self.model_runner.execute_model(scheduler_output)

    def sample_tokens(self, grammar_output):
        return self.model_runner.sample_tokens(grammar_output)


def serve(pipe):
    from vllm.plugins import load_general_plugins

    load_general_plugins()
    worker = Worker()
    worker.load_model()
    while (order := pipe.recv()) is not None:
        worker.execute_model(order)
        pipe.send(worker.sample_tokens(None))
