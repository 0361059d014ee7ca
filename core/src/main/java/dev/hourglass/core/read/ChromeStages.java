package dev.hourglass.core.read;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Stages of inference, from the annotations on the host's tracks.
final class ChromeStages {
    private final ChromeAssembler assembler;
    private final ChromeTimeline timeline;
    private final ChromeTracks tracks;
    private final ImportContext context;
    private final long base;
    private final Map<Integer, Optional<StageName>> byName = new HashMap<>();

    ChromeStages(
            ChromeAssembler assembler, ChromeTimeline timeline, ChromeTracks tracks, ImportContext context, long base) {
        this.assembler = assembler;
        this.timeline = timeline;
        this.tracks = tracks;
        this.context = context;
        this.base = base;
    }

    void write(BatchSink sink) {
        Map<Integer, Boolean> annotations = new HashMap<>();
        try (RowWriter rows = new RowWriter(EngineTables.STAGE, sink)) {
            for (int s = 0; s < timeline.segments().size(); s++) {
                Segment segment = timeline.segments().get(s);
                for (int i = 0; i < segment.slices; i++) {
                    int category = segment.category[i];
                    if (category >= 0 && annotations.computeIfAbsent(category, this::isAnnotation)) {
                        stage(timeline.firstOf[s] + i, segment.name[i], rows);
                    }
                }
            }
        }
    }

    private boolean isAnnotation(int category) {
        String word = assembler.string(category);
        return word.equals("user_annotation") || word.equals("annotation") || word.equals("nvtx");
    }

    private Optional<StageName> stageOf(int name) {
        return byName.computeIfAbsent(name, id -> StageName.read(assembler.string(id), context.options()));
    }

    private void stage(int slice, int name, RowWriter rows) {
        Optional<StageName> found = stageOf(name);
        if (found.isEmpty() || timeline.dur[slice] < 0) {
            return;
        }
        StageName stage = found.get();
        long depth = depth(slice);
        if (depth > 0 && StageName.part(assembler.string(name), context.options())) {
            return;
        }
        rows.set("id", context.take(ImportContext.Id.STAGE, 1))
                .set("ts", base + timeline.ts[slice])
                .set("dur", timeline.dur[slice])
                .set("name", assembler.string(name))
                .set("kind", stage.kind())
                .set("depth", depth)
                .set("track_id", tracks.id(timeline.track[slice]))
                .set("slice_id", timeline.id(slice))
                .set("source_id", context.sourceId());
        StageRanges.counts(stage, rows);
        rows.end();
    }

    private long depth(int slice) {
        long depth = 0;
        for (int outer = timeline.parent[slice]; outer >= 0; outer = timeline.parent[outer]) {
            int category = timeline.category(outer);
            if (category >= 0
                    && isAnnotation(category)
                    && stageOf(timeline.name(outer)).isPresent()) {
                depth++;
            }
        }
        return depth;
    }
}
