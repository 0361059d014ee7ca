package dev.hourglass.core.analysis;

import dev.hourglass.core.cost.Peaks;
import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.unit.Format;
import dev.hourglass.core.unit.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// MFU and MBU of each stage, over the time that `worked_step` tells and all GPUs that took part, each number format
/// against its own peak.
///
/// The work comes from the model's arithmetic where the session holds it (`op_cost`), else from the
/// shapes of matrix products that the framework recorded, which leaves out attention and everything
/// else: then both are lower bounds. A share above 1 cannot be; it is left out with the reason.
final class Utilization {
    /// The analysis that says how near the model's arithmetic comes to the peaks.
    private static final String PHASES = "mfu/phase";
    /// The format that is meant where no product tells one.
    private static final String USUAL = "bf16";

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

    /// Shares by stage. What the model's arithmetic tells is what [#PHASES] answers, so that every verb says the same.
    static Map<String, Shares> of(Session session, Optional<DeviceSpec> named) {
        Peaks peaks = Peaks.of(session, named);
        Map<String, Shares> shares = new HashMap<>();
        if (peaks.bandwidth().isPresent() || peaks.flops(USUAL).isPresent()) {
            byShapes(session, peaks, shares);
            byModel(session, peaks, shares);
        }
        return shares;
    }

    private static void byModel(Session session, Peaks peaks, Map<String, Shares> into) {
        Rows rows = AnalysisLibrary.run(session, PHASES);
        for (int r = 0; r < rows.size(); r++) {
            List<String> formats = List.of(rows.text(r, "formats", USUAL).split(", "));
            into.put(
                    rows.text(r, "phase", ""),
                    shares(
                            rows.real(r, "mfu"),
                            rows.real(r, "mbu"),
                            basis(MODEL + ", serving convention", peaks, formats)));
        }
    }

    private static void byShapes(Session session, Peaks peaks, Map<String, Shares> into) {
        Rows rows = session.query(ExplanationQueries.text("work_by_shapes"));
        for (int r = 0; r < rows.size(); ) {
            String stage = rows.text(r, "stage", "");
            double seconds = rows.real(r, "device_ns").orElse(0) / 1e9;
            Work work = new Work(peaks);
            for (; r < rows.size() && rows.text(r, "stage", "").equals(stage); r++) {
                work.add(rows.text(r, "format", USUAL), rows.real(r, "flops").orElse(0), rows.real(r, "bytes"));
            }
            if (seconds > 0) {
                into.put(stage, work.over(seconds));
            }
        }
    }

    /// The work of a stage, format by format.
    private static final class Work {
        private final Peaks peaks;
        private final List<String> formats = new ArrayList<>();
        private OptionalDouble computing = OptionalDouble.of(0);
        private OptionalDouble bytes = OptionalDouble.empty();

        Work(Peaks peaks) {
            this.peaks = peaks;
        }

        /// Arithmetic of which no peak is known leaves the whole unknown.
        void add(String format, double flops, OptionalDouble moved) {
            formats.add(format);
            OptionalDouble peak = peaks.flops(format);
            computing = computing.isEmpty() || peak.isEmpty()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(computing.getAsDouble() + flops / peak.getAsDouble());
            if (moved.isPresent()) {
                bytes = OptionalDouble.of(bytes.orElse(0) + moved.getAsDouble());
            }
        }

        Shares over(double seconds) {
            OptionalDouble moving = bytes.isEmpty() || peaks.bandwidth().isEmpty()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(bytes.getAsDouble() / peaks.bandwidth().getAsDouble());
            return shares(
                    computing.stream().map(s -> s / seconds).findFirst(),
                    moving.stream().map(s -> s / seconds).findFirst(),
                    basis("lower bound from recorded shapes of matrix products", peaks, formats));
        }
    }

    private static String basis(String work, Peaks peaks, List<String> formats) {
        return work + "; arithmetic against " + peaks.flopsSource(formats) + "; bytes against "
                + peaks.bandwidthSource();
    }

    private static Shares shares(OptionalDouble mfu, OptionalDouble mbu, String basis) {
        boolean impossible = mfu.orElse(0) > Peaks.POSSIBLE_SHARE || mbu.orElse(0) > Peaks.POSSIBLE_SHARE;
        return impossible
                ? new Shares(
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        "the work does not fit the time: model, device or batch are not those of the recording")
                : new Shares(mfu, mbu, basis);
    }
}
