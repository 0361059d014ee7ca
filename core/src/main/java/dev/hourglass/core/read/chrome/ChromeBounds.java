package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.Moments;

/// Between which moments the events of a trace lie, as the file counts.
///
/// What the host did decides, for device work may have times that were never recorded; of device work alone, what
/// most of it says.
final class ChromeBounds {
    /// Times from here on are Unix times, since 2001: no machine was up for that long.
    private static final long UNIX_FROM_NS = 1_000_000_000_000_000_000L;

    private final KnownTexts deviceWork;
    private final Part host = new Part();
    private final Part device = new Part();

    ChromeBounds(ChromeAssembler assembler) {
        this.deviceWork = new KnownTexts(text -> isDeviceWork(assembler.string(text)));
    }

    /// Some of the events.
    private static final class Part {
        private long earliest = Long.MAX_VALUE;
        private long latest = Long.MIN_VALUE;
        private long since2001;
        private long before;

        void add(long from, long to) {
            earliest = Math.min(earliest, from);
            latest = Math.max(latest, to);
            if (from > UNIX_FROM_NS) {
                since2001++;
            } else {
                before++;
            }
        }

        boolean isEmpty() {
            return since2001 + before == 0;
        }
    }

    private static boolean isDeviceWork(String category) {
        return category.equals("kernel") || category.startsWith("gpu_");
    }

    void add(Segment segment) {
        for (int i = 0; i < segment.slices; i++) {
            boolean work = segment.category[i] >= 0 && deviceWork.is(segment.category[i]);
            if (!work) {
                host.add(segment.ts[i], segment.ts[i] + Math.max(0, segment.dur[i]));
            } else if (segment.ts[i] != 0 || segment.dur[i] > 0) {
                device.add(segment.ts[i], segment.ts[i] + Math.max(0, segment.dur[i]));
            }
        }
        for (int i = 0; i < segment.counters.size; i++) {
            long ts = segment.counters.get(i, Segment.COUNTER_TS);
            host.add(ts, ts);
        }
        for (int i = 0; i < segment.ends.size; i++) {
            host.latest = Math.max(host.latest, segment.ends.get(i, Segment.END_TS));
        }
    }

    private Part told() {
        return host.isEmpty() ? device : host;
    }

    boolean isEmpty() {
        return told().isEmpty();
    }

    /// Whether times are so large that they count from 1970.
    boolean areUnix() {
        return host.isEmpty() ? device.since2001 > device.before : host.earliest > UNIX_FROM_NS;
    }

    /// Whether all times are possible where they count from a base.
    boolean fit(long baseNs) {
        Part told = told();
        return told.isEmpty()
                || (Moments.isPossible(Moments.plus(told.earliest, baseNs))
                        && Moments.isPossible(Moments.plus(told.latest, baseNs)));
    }
}
