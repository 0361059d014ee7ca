package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// An operator of which we have the kernel.
///
/// @param offer name, formats, sizes
/// @param cost of one call
/// @param making one call over memory of its own
record KernelOperator(Backend.Offer offer, CostRule cost, Making making) implements Operator {
    /// Operations and bytes of one call.
    record Cost(double flops, double bytes) {}

    /// From sizes and bytes of a number to the cost.
    interface CostRule {
        Cost of(Axes axes, int numberBytes);
    }

    /// One call over memory of its own.
    ///
    /// @param launch gives it to the stream
    /// @param check poisons its output, runs it and compares
    record Call(Runnable launch, Supplier<Check> check) {}

    /// Makes a call.
    interface Making {
        Call call(Lab lab, Held held, NumberFormat format, Axes axes);
    }

    static KernelOperator of(String name, String what, Map<String, Long> axes, CostRule cost, Making making) {
        return new KernelOperator(new Backend.Offer(name, what, List.of("bf16", "fp16", "fp32"), axes), cost, making);
    }

    @Override
    public Timed prepare(Lab lab, Axes axes, String dtype, Work.Cache cache) {
        NumberFormat format = switch (dtype) {
            case "bf16" -> NumberFormat.BF16;
            case "fp16" -> NumberFormat.FP16;
            default -> NumberFormat.FP32;
        };
        Cost work = cost.of(axes, format.bytes());
        Held held = new Held(lab.gpu());
        List<Call> calls = new ArrayList<>();
        for (int i = lab.copies((long) work.bytes(), cache); i > 0; i--) {
            calls.add(making.call(lab, held, format, axes));
        }
        GraphTimer.Series series =
                lab.timer().series(calls.stream().map(Call::launch).toList());
        Work row = new Work(
                offer.op(),
                axes.sizes(),
                dtype,
                lab.gpu().label(),
                cache,
                "nvrtc",
                offer.op() + "_" + format.word(),
                lab.compilerVersion(),
                work.flops(),
                work.bytes(),
                held.bytes(),
                series.words());
        return new GpuTimed(row, lab.timer(), series, calls.getFirst().check(), held);
    }
}
