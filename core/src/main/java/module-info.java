/// From bytes to report, pure: no network, no device, no standard output, no time of day.
module dev.hourglass.core {
    requires static org.jspecify;
    requires java.sql;
    requires duckdb.jdbc;
    requires transitive tools.jackson.core;
    requires com.github.luben.zstd_jni;
    requires org.xerial.sqlitejdbc;
    requires org.apache.commons.statistics.descriptive;
    requires org.apache.commons.statistics.distribution;
    requires org.apache.commons.statistics.ranking;

    exports dev.hourglass.core;
    exports dev.hourglass.core.file;
    exports dev.hourglass.core.ingest;
    exports dev.hourglass.core.text;
    exports dev.hourglass.core.document;
    exports dev.hourglass.core.cost;
    exports dev.hourglass.core.unit;
    exports dev.hourglass.core.stat;
    exports dev.hourglass.core.trace;
    exports dev.hourglass.core.store;
    exports dev.hourglass.core.query;
    exports dev.hourglass.core.engine;
    exports dev.hourglass.core.export;
    exports dev.hourglass.core.read.probe;
    exports dev.hourglass.core.hardware;
    exports dev.hourglass.core.model;
    exports dev.hourglass.core.model.checkpoint;
    exports dev.hourglass.core.model.gguf;
    exports dev.hourglass.core.model.synthetic;
    exports dev.hourglass.core.analysis;
    exports dev.hourglass.core.report;

    uses dev.hourglass.core.engine.EngineAdapter;
    uses dev.hourglass.core.trace.TraceReader;

    provides dev.hourglass.core.engine.EngineAdapter with
            dev.hourglass.core.engine.LlamaCppAdapter,
            dev.hourglass.core.engine.SglangAdapter,
            dev.hourglass.core.engine.VllmAdapter;
    provides dev.hourglass.core.trace.TraceReader with
            dev.hourglass.core.read.chrome.ChromeTraceReader,
            dev.hourglass.core.read.probe.ProbeReader,
            dev.hourglass.core.read.text.CublasLogReader,
            dev.hourglass.core.read.text.CublasLtLogReader,
            dev.hourglass.core.read.session.HourglassReader,
            dev.hourglass.core.read.text.NcuCsvReader,
            dev.hourglass.core.read.nsys.NsightReportReader,
            dev.hourglass.core.read.nsys.NsysSqliteReader,
            dev.hourglass.core.read.text.NvidiaSmiDmonReader,
            dev.hourglass.core.read.text.NvidiaSmiReader,
            dev.hourglass.core.read.text.NvmlCsvReader,
            dev.hourglass.core.read.text.PerfScriptReader,
            dev.hourglass.core.read.text.PerfStatReader,
            dev.hourglass.core.read.session.ProfileMateReader,
            dev.hourglass.core.read.text.PrometheusReader;
}
