package dev.hourglass.device.ffi.nvml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Why a GPU does not run at its highest clock: bits of `nvmlClocksEventReasons`.
public enum ClockReason {
    IDLE(0x1, "idle"),
    APPLICATION_CLOCKS(0x2, "application clocks setting"),
    SOFTWARE_POWER_CAP(0x4, "software power cap"),
    HARDWARE_SLOWDOWN(0x8, "hardware slowdown"),
    SYNC_BOOST(0x10, "sync boost"),
    SOFTWARE_THERMAL(0x20, "software thermal slowdown"),
    HARDWARE_THERMAL(0x40, "hardware thermal slowdown"),
    HARDWARE_POWER_BRAKE(0x80, "hardware power brake"),
    DISPLAY_CLOCK(0x100, "display clock setting");

    private final long bit;
    private final String words;

    ClockReason(long bit, String words) {
        this.bit = bit;
        this.words = words;
    }

    /// For people.
    public String words() {
        return words;
    }

    /// Those of a mask, lowest bit first. Bits that are not known here are left out.
    public static List<ClockReason> of(long mask) {
        return Arrays.stream(values()).filter(reason -> (mask & reason.bit) != 0).toList();
    }

    /// A mask in words; `none` for 0, and bits without a word as a number.
    public static String words(long mask) {
        long known = Arrays.stream(values()).mapToLong(reason -> reason.bit).sum();
        List<String> words = new ArrayList<>(
                of(mask).stream().map(ClockReason::words).toList());
        if ((mask & ~known) != 0) {
            words.add("0x" + Long.toHexString(mask & ~known));
        }
        return words.isEmpty() ? "none" : String.join(", ", words);
    }
}
