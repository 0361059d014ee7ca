/// From bytes to report, pure: no network, no device, no standard output, no wall clock.
module dev.hourglass.core {
    requires static org.jspecify;
    requires java.sql;
    requires duckdb.jdbc;
    requires tools.jackson.core;
    requires com.github.luben.zstd_jni;

    exports dev.hourglass.core.unit;
    exports dev.hourglass.core.trace;
    exports dev.hourglass.core.store;
    exports dev.hourglass.core.query;
    exports dev.hourglass.core.read;
    exports dev.hourglass.core.engine;
    exports dev.hourglass.core.hardware;
    exports dev.hourglass.core.model;
    exports dev.hourglass.core.model.gguf;
    exports dev.hourglass.core.analysis;
    exports dev.hourglass.core.report;

    uses dev.hourglass.core.trace.TraceReader;
}
