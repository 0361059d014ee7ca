package dev.hourglass.core.unit;

/// What a number counts. Columns of the trace database and every printed figure carry one.
///
/// The symbol is what stands behind the number when nothing is scaled; [Format] chooses a scaled
/// one (`1.53 ms`, `2.70 GB`) for people.
public enum Unit {
    /// No unit: identifiers, names, flags.
    NONE(""),
    NANOSECONDS("ns"),
    MICROSECONDS("µs"),
    MILLISECONDS("ms"),
    SECONDS("s"),
    BYTES("B"),
    BYTES_PER_SECOND("B/s"),
    FLOP("FLOP"),
    FLOP_PER_SECOND("FLOP/s"),
    FLOP_PER_BYTE("FLOP/B"),
    /// A share of a whole, 0 to 1. Printed as a percentage.
    RATIO("ratio"),
    COUNT("count"),
    TOKENS("tokens"),
    TOKENS_PER_SECOND("tokens/s"),
    WATTS("W"),
    CELSIUS("°C"),
    MEGAHERTZ("MHz"),
    INSTRUCTIONS("instructions"),
    /// Instructions per cycle.
    INSTRUCTIONS_PER_CYCLE("IPC"),
    PER_SECOND("1/s");

    private final String symbol;

    Unit(String symbol) {
        this.symbol = symbol;
    }

    /// The unit's symbol as printed behind an unscaled number; empty for [#NONE].
    public String symbol() {
        return symbol;
    }
}
