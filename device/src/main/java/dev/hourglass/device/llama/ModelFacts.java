package dev.hourglass.device.llama;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.synthetic.GeneratedModel;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Component;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.llama.Llama;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the session says of the engine and the model, and what such a run cannot measure.
final class ModelFacts {
    private static final String NO_GPU = "the engine computed on the CPU alone; no GPU took part";
    private static final Pattern EXPERTS = Pattern.compile("blk\\.(\\d+)\\.ffn_.*_exps\\.weight");
    private static final String DENSE = "a dense model has no router and no experts";

    private static final String IN_GRAPHS =
            "it runs on the GPU inside graphs, of which the cheap way of observing sees only the whole";
    private static final String BY_KERNELS = "hourglass analyze SESSION gpu/kernels, of the steps named traced step";

    private final GgufHeader header;
    private final EngineRequest request;
    private final Optional<Placement> placement;

    ModelFacts(GgufHeader header, EngineRequest request) {
        this(header, request, Optional.empty());
    }

    /// @param placement of the model where a GPU takes part
    ModelFacts(GgufHeader header, EngineRequest request, Optional<Placement> placement) {
        this.header = header;
        this.request = request;
        this.placement = placement;
    }

    void write(BatchSink sink, Llama llama, Path library) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("engine.name", "llama.cpp");
        facts.put("engine.version", llama.version());
        facts.put("engine.ggml_version", llama.ggmlVersion());
        facts.put("engine.library", library.getFileName().toString());
        facts.put("engine.system_info", llama.systemInfo());
        facts.put("engine.layouts", llama.layoutSource());
        write(sink, facts);
    }

    void write(BatchSink sink, Map<String, String> engine) {
        Map<String, String> facts = new LinkedHashMap<>(engine);
        run(facts);
        model(facts);
        experts(facts);
        try (RowWriter out = new RowWriter(Tables.METADATA, sink)) {
            facts.forEach(
                    (name, value) -> out.set("name", name).set("value", value).end());
        }
        tensors(sink);
        notMeasured(sink);
    }

    private void run(Map<String, String> facts) {
        facts.put("engine.threads", String.valueOf(request.threads()));
    }

    private void model(Map<String, String> facts) {
        long layers = header.modelWhole("block_count").orElse(0);
        facts.put("model.file", request.model().toString());
        facts.put("model.file_bytes", String.valueOf(header.fileBytes()));
        facts.put("model.architecture", header.architecture());
        facts.put("model.name", header.text("general.name").orElse(header.architecture()));
        header.text(GeneratedModel.SHAPE_KEY).ifPresent(shape -> facts.put("model.shape", shape));
        facts.put(
                "model.random_weights",
                String.valueOf(header.text(GeneratedModel.SHAPE_KEY).isPresent()));
        facts.put("model.layers", String.valueOf(layers));
        facts.put(
                "model.layers_full",
                String.valueOf(header.whole(GeneratedModel.LAYERS_FULL_KEY).orElse(layers)));
        facts.put("model.params", String.valueOf(header.parameters()));
        facts.put("model.quantization", quantization());
        header.modelWhole("embedding_length").ifPresent(n -> facts.put("model.embedding_length", String.valueOf(n)));
        header.modelWhole("attention.head_count").ifPresent(n -> facts.put("model.heads", String.valueOf(n)));
        header.modelWhole("attention.head_count_kv").ifPresent(n -> facts.put("model.heads_kv", String.valueOf(n)));
    }

    private void experts(Map<String, String> facts) {
        long experts = header.modelWhole("expert_count").orElse(0);
        if (experts == 0) {
            return;
        }
        facts.put("model.experts", String.valueOf(experts));
        facts.put(
                "model.experts_used",
                String.valueOf(header.modelWhole("expert_used_count").orElse(0)));
        Map<String, Long> layers = new HashMap<>();
        for (GgufTensor tensor : header.tensors()) {
            Matcher matcher = EXPERTS.matcher(tensor.name());
            if (matcher.matches()) {
                layers.merge(matcher.group(1), tensor.bytes(), Long::sum);
            }
        }
        facts.put("model.moe_layers", String.valueOf(layers.size()));
        layers.values().stream()
                .max(Long::compare)
                .ifPresent(bytes -> facts.put("model.expert_bytes", String.valueOf(bytes / experts)));
    }

    /// The number format of most of the weights.
    private String quantization() {
        Map<GgmlType, Long> bytes = new HashMap<>();
        header.tensors().forEach(t -> bytes.merge(t.type(), t.bytes(), Long::sum));
        return header.text(GeneratedModel.QUANTIZATION_KEY)
                .orElseGet(() -> bytes.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .map(e -> e.getKey().name())
                        .orElse("unknown"));
    }

    private void tensors(BatchSink sink) {
        try (RowWriter out = new RowWriter(Tables.WEIGHT_TENSOR, sink)) {
            for (GgufTensor tensor : header.tensors()) {
                out.set("name", tensor.name())
                        .set("type", tensor.type().name())
                        .set("shape", tensor.shapeText())
                        .set("elements", tensor.elements())
                        .set("size_bytes", tensor.bytes())
                        .end();
            }
        }
    }

    private static void notMeasuredOnCpu(RowWriter out) {
        for (String item : new String[] {"t_pcie_transfer", "t_gpu_kernel_launch", "t_gpu_computation"}) {
            out.set("item", item)
                    .set("status", "not_measured")
                    .set("reason", NO_GPU)
                    .end();
        }
    }

    private void notMeasured(RowWriter out, Placement place) {
        for (Component part : List.of(Component.T_ROUTING, Component.ATTENTION, Component.NORM, Component.LM_HEAD)) {
            out.set("item", part.key())
                    .set("status", "not_measured")
                    .set("reason", IN_GRAPHS)
                    .set("how_to_record", BY_KERNELS)
                    .end();
        }
        if (!place.computesOnCpu()) {
            out.set("item", Component.T_CPU_COMPUTATION.key())
                    .set("status", "not_applicable")
                    .set("reason", "no layer and no expert is computed on the CPU")
                    .end();
            out.set("item", "expert_choice")
                    .set("status", "not_measured")
                    .set(
                            "reason",
                            "the router's choice stays in the GPU's memory, and reading it would stop each graph")
                    .set("how_to_record", "hourglass profile --device hybrid (the router chooses the same experts)")
                    .end();
        }
    }

    private void notMeasured(BatchSink sink) {
        try (RowWriter out = new RowWriter(Tables.NOT_MEASURED, sink)) {
            placement.ifPresentOrElse(place -> notMeasured(out, place), () -> notMeasuredOnCpu(out));
            if (placement.isEmpty() && request.granularity() == Granularity.STAGE) {
                out.set("item", Component.NORM.key())
                        .set("status", "not_measured")
                        .set("reason", "at stage granularity a norm is timed with the part that it feeds")
                        .set("how_to_record", "hourglass profile --granularity node")
                        .end();
            }
            if (header.modelWhole("expert_count").orElse(0) == 0) {
                for (String item : new String[] {"t_routing", "expert_choice"}) {
                    out.set("item", item)
                            .set("status", "not_applicable")
                            .set("reason", DENSE)
                            .end();
                }
            }
        }
    }
}
