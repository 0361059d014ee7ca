/// From bytes to report, pure: no network, no device, no standard output, no wall clock.
module dev.hourglass.core {
    requires static org.jspecify;
    requires java.sql;
    requires duckdb.jdbc;
    requires tools.jackson.core;

    exports dev.hourglass.core.unit;
    exports dev.hourglass.core.trace;
    exports dev.hourglass.core.store;
    exports dev.hourglass.core.query;
    exports dev.hourglass.core.analysis;
}
