package dev.hourglass.core.report;

import dev.hourglass.core.unit.Unit;
import java.util.Arrays;

/// Units by the symbol with which a trace names them.
final class UnitNames {
    private UnitNames() {}

    /// The unit with the symbol; [Unit#NONE] for one that is not ours.
    static Unit of(String symbol) {
        return Arrays.stream(Unit.values())
                .filter(u -> u.symbol().equals(symbol))
                .findFirst()
                .orElse(Unit.NONE);
    }
}
