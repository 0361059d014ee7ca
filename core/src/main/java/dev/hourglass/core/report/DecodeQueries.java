package dev.hourglass.core.report;

import dev.hourglass.core.analysis.Analysis;
import dev.hourglass.core.analysis.AnalysisLibrary;
import dev.hourglass.core.document.Block;
import java.util.Optional;
import java.util.stream.Collectors;

/// The query behind each of the seven answers, for anyone to run.
final class DecodeQueries {
    private DecodeQueries() {}

    static Optional<Block.Query> of(String question) {
        return switch (question) {
            case "q1" -> Optional.of(library("decode/latency"));
            case "q2" -> Optional.of(library("decode/components"));
            case "q3" -> Optional.of(absence("t_pcie_transfer"));
            case "q4", "q5" -> Optional.of(absence("t_gpu_computation"));
            case "q6" -> Optional.of(library("decode/bound"));
            case "q7" ->
                Optional.of(new Block.Query(
                        "Pieces of a step that begin before the one before them ended (none: no overlap)",
                        "SELECT token, name, ts FROM (\n  SELECT token, name, ts,"
                                + " lag(ts + dur) OVER (PARTITION BY token ORDER BY ts) AS before\n"
                                + "  FROM op)\nWHERE ts < before"));
            default -> Optional.empty();
        };
    }

    /// An analysis of the library, ready to run: parameters in place, without its declaring head.
    static Block.Query library(String id) {
        Analysis analysis = AnalysisLibrary.find(id);
        String sql = AnalysisLibrary.bound(analysis)
                .lines()
                .dropWhile(l -> l.startsWith("--"))
                .collect(Collectors.joining("\n"));
        return new Block.Query(analysis.question(), sql);
    }

    private static Block.Query absence(String item) {
        return new Block.Query(
                "Why it is unknown",
                "SELECT item, status, reason, how_to_record\nFROM not_measured\nWHERE item = '" + item + "'");
    }
}
