"""The engine core and, for tests, everything around it in one function."""

import multiprocessing
import time
from types import SimpleNamespace

from vllm.plugins import load_general_plugins
from vllm.v1.core.sched.scheduler import Scheduler
from vllm.v1.request import Request
from vllm.v1.worker.gpu_worker import Worker, serve


class LocalWorker(Worker):
    def run(self, output):
        self.execute_model(output)
        return self.sample_tokens(None)

    def close(self):
        pass


class RemoteWorker:
    def __init__(self, method):
        context = multiprocessing.get_context(method)
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,))
        self.process.start()

    def run(self, output):
        self.pipe.send(_plain(output))
        return self.pipe.recv()

    def close(self):
        self.pipe.send(None)
        self.process.join()


def _plain(output):
    """What a worker needs of a decision, in another process as well."""
    return SimpleNamespace(num_scheduled_tokens=output.num_scheduled_tokens, total_num_scheduled_tokens=output.total_num_scheduled_tokens)


class EngineCore:
    def __init__(self, blocks=12, worker=None):
        load_general_plugins()
        self.worker = RemoteWorker(worker) if worker else LocalWorker()
        if not worker:
            self.worker.load_model()
        self.scheduler = Scheduler(blocks)

    def add_request(self, request):
        self.scheduler.add_request(request)

    def step(self):
        output = self.scheduler.schedule()
        tokens = self.worker.run(output) if output.total_num_scheduled_tokens else {}
        return self.scheduler.update_from_output(output, tokens)


def run(requests, blocks=12, worker=None, at_step=None):
    """Serves requests {name: (prompt, tokens wanted)} and returns their texts and the engine's own counts."""
    from vllm.v1.engine.output_processor import OutputProcessor

    processor, core, counts = OutputProcessor(), EngineCore(blocks, worker), {"steps": 0, "tokens": 0, "preemptions": 0}
    made = []
    for name, (prompt, wanted) in requests.items():
        request = Request(name, prompt, wanted)
        made.append(request)
        processor.add_request(request)
        core.add_request(request)
    while core.scheduler.requests:
        outputs = core.step()[0].outputs
        counts["steps"] += 1
        counts["tokens"] += len(outputs)
        processor.process_outputs(outputs, time.monotonic())
        if at_step:
            at_step(core, counts["steps"])
    counts["preemptions"] = sum(request.num_preemptions for request in made)
    core.worker.close()
    return processor.texts, counts
