package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.StageName;
import dev.hourglass.core.read.StageRanges;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Stages of inference, from the annotations on the host's tracks.
final class ChromeStages implements AutoCloseable {
    private final ChromeAssembler assembler;
    private final ImportContext context;
    private final RowWriter rows;
    private final KnownTexts annotations;
    private final Map<Integer, Optional<StageName>> byName = new HashMap<>();

    ChromeStages(ChromeAssembler assembler, ImportContext context, BatchSink sink) {
        this.assembler = assembler;
        this.context = context;
        this.rows = new RowWriter(EngineTables.STAGE, sink);
        this.annotations = new KnownTexts(this::isAnnotation);
    }

    /// Whether a slice with that name and category is a stage.
    boolean isStage(int name, int category) {
        return category >= 0 && annotations.is(category) && stageOf(name).isPresent();
    }

    private boolean isAnnotation(int category) {
        String word = assembler.string(category);
        return word.equals("user_annotation") || word.equals("annotation") || word.equals("nvtx");
    }

    private Optional<StageName> stageOf(int name) {
        return byName.computeIfAbsent(name, id -> StageName.read(assembler.string(id), context));
    }

    /// Hands over a stage; a part of one is none of its own.
    ///
    /// @param depth stages around it
    void write(int name, long sliceId, long ts, long dur, int depth, long trackId) {
        StageName stage = stageOf(name).orElseThrow();
        if (depth > 0 && StageName.part(assembler.string(name), context.options())) {
            return;
        }
        rows.set("id", context.take(ImportContext.Id.STAGE, 1))
                .set("ts", ts)
                .set("dur", dur)
                .set("name", assembler.string(name))
                .set("kind", stage.kind())
                .set("depth", depth)
                .set("track_id", trackId)
                .set("slice_id", sliceId)
                .set("source_id", context.sourceId());
        StageRanges.counts(stage, rows);
        rows.end();
    }

    @Override
    public void close() {
        rows.close();
    }
}
