package dev.hourglass.core.analysis;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.DeviceTable;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// MFU and MBU of each stage, over the steps' walls.
///
/// The work comes from the model's arithmetic where the session holds it (`op_cost`), else from the
/// shapes of matrix products that the framework recorded, which leaves out attention and everything
/// else: then both are lower bounds. A share above 1 cannot be; it is left out with the reason.
final class Utilization {
    /// Share of a peak above which the figures behind it must be wrong; the excess over 1 is what clocks and rounding
    /// make.
    private static final double POSSIBLE = 1.02;
    private static final String MODEL = "the model's arithmetic";
    /// From this share of a roof on, and if the other one is so much farther away, it is what limits.
    private static final double NEAR = 0.3;

    private static final double APART = 1.5;

    /// One stage's shares.
    ///
    /// @param basis where the work and the peaks come from, or why there is none
    record Shares(OptionalDouble mfu, OptionalDouble mbu, String basis) {
        static final Shares UNKNOWN = new Shares(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                "neither the model's arithmetic (--model) nor shapes of matrix products are known for this stage");
    }

    private Utilization() {}

    /// What a finding about a busy GPU says where shapes and names do not tell, and the model's arithmetic does:
    /// of the two roofs the kernels come near one while they run. Any other finding stays.
    static Finding inferred(Finding finding, StageTime stage) {
        double busy = stage.gpuBusyRatio().orElse(0);
        if (finding.bound() != Bound.DEVICE
                || busy <= 0
                || !stage.utilizationBasis().startsWith(MODEL)) {
            return finding;
        }
        double memory = stage.mbu().orElse(0) / busy;
        double arithmetic = stage.mfu().orElse(0) / busy;
        boolean clear = Math.max(memory, arithmetic) >= Math.max(NEAR, APART * Math.min(memory, arithmetic));
        return clear
                ? finding.told(
                        memory > arithmetic ? Bound.MEMORY : Bound.COMPUTE,
                        "; inferred from the model's arithmetic: while busy it reaches "
                                + Format.value(memory, Unit.RATIO) + " of the memory bandwidth and "
                                + Format.value(arithmetic, Unit.RATIO) + " of the arithmetic")
                : finding;
    }

    /// The data sheet of the GPU that the session names.
    static Optional<DeviceSpec> device(Session session) {
        Rows rows = session.query(ExplanationQueries.text("gpu_name"));
        return rows.size() == 0 ? Optional.empty() : DeviceTable.recognise(rows.text(0, "value", ""));
    }

    static Map<String, Shares> of(Session session, Optional<DeviceSpec> named) {
        Peaks peaks = Peaks.of(session, named.or(() -> device(session)));
        Map<String, Shares> shares = new HashMap<>();
        if (peaks.bandwidth().isEmpty() && peaks.flops("bf16").isEmpty()) {
            return shares;
        }
        read(session, "work_by_shapes", peaks, "lower bound from recorded shapes of matrix products", shares);
        read(session, "work_by_model", peaks, MODEL + ", serving convention", shares);
        return shares;
    }

    private static void read(Session session, String query, Peaks peaks, String work, Map<String, Shares> into) {
        Rows rows = session.query(ExplanationQueries.text(query));
        for (int r = 0; r < rows.size(); r++) {
            double seconds = rows.real(r, "wall").orElse(0) / 1e9;
            if (seconds > 0) {
                into.put(
                        rows.text(r, "stage", ""),
                        shares(rows.real(r, "flops"), rows.real(r, "bytes"), seconds, peaks, work));
            }
        }
    }

    private static Shares shares(OptionalDouble flops, OptionalDouble bytes, double seconds, Peaks peaks, String work) {
        OptionalDouble mfu = share(flops, seconds, peaks.flops("bf16"));
        OptionalDouble mbu = share(bytes, seconds, peaks.bandwidth());
        boolean impossible = mfu.orElse(0) > POSSIBLE || mbu.orElse(0) > POSSIBLE;
        return impossible
                ? new Shares(
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        "the work does not fit the time: model, device or batch are not those of the recording")
                : new Shares(
                        mfu,
                        mbu,
                        work + "; arithmetic against " + peaks.flopsSource() + "; bytes against "
                                + peaks.bandwidthSource());
    }

    private static OptionalDouble share(OptionalDouble amount, double seconds, OptionalDouble peak) {
        return amount.isEmpty() || peak.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(amount.getAsDouble() / seconds / peak.getAsDouble());
    }
}
