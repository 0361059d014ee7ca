package dev.hourglass.core.cost;

import dev.hourglass.core.query.QueryFile;
import java.util.Objects;

/// What the arithmetic of a session's steps asks, by the names of `cost.sql`.
final class CostQueries {
    static final QueryFile ALL =
            QueryFile.read(Objects.requireNonNull(CostQueries.class.getResourceAsStream("cost.sql")));

    private CostQueries() {}
}
