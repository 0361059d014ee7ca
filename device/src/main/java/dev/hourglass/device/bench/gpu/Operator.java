package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;

/// An operator that the GPU can run.
interface Operator {
    Backend.Offer offer();

    Timed prepare(Lab lab, Axes axes, String dtype, Work.Cache cache);
}
