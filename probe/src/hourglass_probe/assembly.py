"""Puts the probe of a process together: which watches it has and which hooks they set."""

from __future__ import annotations

from . import settings as environment
from .device_time import DeviceTimes
from .encoders import EncoderWatch
from .engine import EngineWatch
from .frontend import FrontEndWatch
from .gpu_timeline import GpuTimeline
from .graphs import GraphWatch
from .idle import IdleBeat
from .importing import Finder
from .kv import KvWatch
from .layout import load
from .moe import MoeWatch
from .probe import Probe
from .stalls import CompilerWatch, GarbageWatch, LockWatch
from .startup import Startup
from .torch_trace import TorchTrace
from .user_hooks import read_files
from .worker import WorkerWatch


def assemble(finder: Finder) -> Probe | None:
    """The probe of this process with all of its hooks waiting; None where nothing is to be recorded."""
    settings = environment.read()
    if settings.directory is None:
        return None
    probe = Probe(settings, load(), finder)
    for complaint in settings.complaints:
        probe.log(complaint)
    _add_watches(probe)
    probe.add_hooks(read_files(probe, settings.user_hooks))
    return probe


def _add_watches(probe: Probe) -> None:
    kv, worker, startup = KvWatch(probe), WorkerWatch(probe), Startup(probe)
    probe.hooks.append(MoeWatch(probe, worker).router)
    DeviceTimes(probe, worker)
    GpuTimeline(probe, worker)
    TorchTrace(probe, worker)
    tables = [kv.hooks(), EngineWatch(probe, kv).hooks(), worker.hooks(), FrontEndWatch(probe).hooks()]
    tables += [GraphWatch(probe, worker).hooks(), EncoderWatch(probe, worker).hooks(), CompilerWatch(probe).hooks()]
    # Spans of the start lie outermost where they share a function with another hook.
    for rows in (*tables, startup.hooks()):
        probe.add_hooks(rows)
    if probe.settings.on("startup"):
        startup.time_imports()
        startup.process_began()
    if probe.settings.on("stalls"):
        GarbageWatch(probe)
    LockWatch(probe)
    IdleBeat(probe)
