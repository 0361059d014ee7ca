package dev.hourglass.core.report;

import dev.hourglass.core.cost.CostRow;
import dev.hourglass.core.cost.ModelAssessment;
import dev.hourglass.core.cost.ModelAssessment.Phase;
import dev.hourglass.core.cost.StepTime;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.FlopCount;
import dev.hourglass.core.model.Footprint;
import dev.hourglass.core.model.Group;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.OperatorCost;
import dev.hourglass.core.model.Traffic;
import dev.hourglass.core.text.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/// What a model costs, as JSON: exact counts, always in both FLOP conventions.
public final class ModelJson {
    private static final double MICRO = 1e6;

    private final JsonGenerator json;

    private ModelJson(JsonGenerator json) {
        this.json = json;
    }

    /// One object for one model, an array for several.
    ///
    /// @param by also lists costs by group, layer or operator
    public static String of(List<ModelAssessment> assessments, Convention convention, Optional<CostRow.By> by) {
        return Json.text(json -> {
            ModelJson writer = new ModelJson(json);
            if (assessments.size() == 1) {
                writer.model(assessments.getFirst(), convention, by);
            } else {
                json.writeStartArray();
                assessments.forEach(a -> writer.model(a, convention, by));
                json.writeEndArray();
            }
        });
    }

    private void model(ModelAssessment a, Convention convention, Optional<CostRow.By> by) {
        Model model = a.model();
        json.writeStartObject();
        json.writeStringProperty("source", model.source());
        json.writeStringProperty("architecture", model.architecture());
        json.writeStringProperty("family", model.family());
        json.writeNumberProperty("layers", model.layers());
        use(a.use());
        json.writeNumberProperty("params_total", model.parameters());
        json.writeNumberProperty("params_active", model.activeParameters());
        json.writeObjectPropertyStart("params_by_group");
        for (Map.Entry<Group, Long> group : model.parametersByGroup().entrySet()) {
            json.writeNumberProperty(group.getKey().label(), group.getValue());
        }
        json.writeEndObject();
        cache(a);
        weights(model);
        flops(a);
        bytes(a);
        experts(a);
        memory(a.footprint());
        fits(a);
        bound(a);
        by.ifPresent(kind -> rows(a, convention, kind));
        reading(model.reading());
        json.writeEndObject();
    }

    private void use(ModelUse use) {
        json.writeNumberProperty("prompt", use.prompt());
        json.writeNumberProperty("context", use.context());
        json.writeNumberProperty("batch", use.batch());
        json.writeObjectPropertyStart("parallel");
        json.writeNumberProperty("tp", use.parallel().tensor());
        json.writeNumberProperty("ep", use.parallel().expert());
        json.writeNumberProperty("pp", use.parallel().pipeline());
        json.writeNumberProperty("devices", use.parallel().devices());
        json.writeEndObject();
    }

    private void cache(ModelAssessment a) {
        json.writeObjectPropertyStart("kv_cache");
        json.writeStringProperty(
                "format", a.use().costing(a.model()).cacheType().label());
        Json.number(json, "bytes_per_token", a.cacheBytesPerToken());
        json.writeNumberProperty("elements_per_token", a.cacheElementsPerToken());
        json.writeNumberProperty("elements_after_prefill", a.cacheElementsAfterPrefill());
        json.writeNumberProperty("fixed_state_elements", a.fixedStateElements());
        json.writeEndObject();
    }

    private void weights(Model model) {
        optional(
                "weight_bytes",
                model.storage().unknown().isPresent() ? OptionalLong.empty() : OptionalLong.of(model.weightBytes()));
        json.writeObjectPropertyStart("weight_bytes_by_format");
        model.storage().bytesByFormat(model).forEach(json::writeNumberProperty);
        json.writeEndObject();
        json.writeStringProperty("weight_bytes_from", model.storage().origin());
    }

    private void flops(ModelAssessment a) {
        json.writeObjectPropertyStart("flops");
        json.writeObjectPropertyStart(Convention.HF.label());
        count("prefill_all_logits", a.prefill(Convention.HF, true));
        count("prefill_last_logit", a.prefill(Convention.HF, false));
        count("decode", a.decode(Convention.HF));
        tower(a, Convention.HF);
        json.writeEndObject();
        json.writeObjectPropertyStart(Convention.SERVING.label());
        count("prefill", a.prefill(Convention.SERVING, false));
        count("decode", a.decode(Convention.SERVING));
        tower(a, Convention.SERVING);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void tower(ModelAssessment a, Convention convention) {
        a.model()
                .tower()
                .ifPresent(tower -> a.tower(convention)
                        .ifPresent(flops -> count(tower.kind().label(), flops)));
    }

    private void count(String name, FlopCount flops) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("total", flops.total());
        json.writeObjectPropertyStart("by_group");
        flops.byGroup().forEach(json::writeNumberProperty);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void bytes(ModelAssessment a) {
        json.writeObjectPropertyStart("bytes");
        for (Phase phase : Phase.values()) {
            Json.number(json, phase.label(), sum(a.costs(phase)).total());
        }
        json.writeEndObject();
        json.writeObjectPropertyStart("bytes_by_kind");
        for (Phase phase : Phase.values()) {
            json.writeObjectPropertyStart(phase.label());
            traffic(sum(a.costs(phase)));
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static Traffic sum(List<OperatorCost> costs) {
        return costs.stream().map(OperatorCost::traffic).reduce(Traffic.NONE, Traffic::plus);
    }

    private void traffic(Traffic traffic) {
        Json.number(json, "weights", traffic.weights());
        Json.number(json, "cache_read", traffic.cacheRead());
        Json.number(json, "cache_write", traffic.cacheWrite());
        Json.number(json, "activations", traffic.activations());
    }

    private void experts(ModelAssessment a) {
        optional("experts_touched", a.expertsTouched(Phase.DECODE));
        optional("experts_touched_prefill", a.expertsTouched(Phase.PREFILL));
    }

    private void memory(Footprint need) {
        json.writeObjectPropertyStart("memory");
        Json.number(json, "weights", need.weights());
        Json.number(json, "kv", need.cache());
        Json.number(json, "activations", need.activations());
        Json.number(json, "total", need.total());
        json.writeEndObject();
    }

    private void fits(ModelAssessment a) {
        a.fit()
                .ifPresentOrElse(
                        fit -> {
                            json.writeObjectPropertyStart("fits");
                            Json.number(json, "device_bytes", fit.bytes());
                            Json.number(json, "usable_bytes", fit.usable());
                            json.writeNumberProperty("max_batch", fit.maxBatch());
                            optional("max_context", fit.maxContext());
                            json.writeEndObject();
                        },
                        () -> json.writeNullProperty("fits"));
    }

    private void bound(ModelAssessment a) {
        if (a.device().isEmpty() || a.time(Phase.DECODE).isEmpty()) {
            json.writeNullProperty("bound");
            return;
        }
        json.writeObjectPropertyStart("bound");
        json.writeStringProperty("device", a.device().get().name());
        for (Phase phase : Phase.values()) {
            Json.number(json, phase.label() + "_us", a.time(phase).orElseThrow().seconds() * MICRO);
        }
        json.writeObjectPropertyStart("limited_by");
        for (Phase phase : Phase.values()) {
            json.writeStringProperty(
                    phase.label(), a.time(phase).map(StepTime::limitedBy).orElseThrow());
        }
        json.writeEndObject();
        json.writeStringProperty("peaks", a.device().get().source());
        json.writeEndObject();
    }

    private void rows(ModelAssessment a, Convention convention, CostRow.By by) {
        json.writeStringProperty("rows_convention", convention.label());
        json.writeObjectPropertyStart("by_" + by.label());
        for (Phase phase : Phase.values()) {
            json.writeArrayPropertyStart(phase.label());
            CostRow.of(a, phase, convention, by).forEach(this::row);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void row(CostRow row) {
        json.writeStartObject();
        json.writeStringProperty("name", row.name());
        json.writeStringProperty("kind", row.kind());
        json.writeNumberProperty("operators", row.operators());
        json.writeNumberProperty("params", row.parameters());
        json.writeNumberProperty("flops", row.flops());
        traffic(row.traffic());
        Json.number(json, "output", row.outputBytes());
        Json.number(json, "flop_per_byte", row.intensity());
        row.seconds().ifPresent(s -> Json.number(json, "least_us", s * MICRO));
        row.limitedBy().ifPresent(limit -> json.writeStringProperty("limited_by", limit));
        json.writeEndObject();
    }

    private void reading(Model.Reading reading) {
        json.writeObjectPropertyStart("defaults_taken");
        reading.defaulted().forEach(json::writeStringProperty);
        json.writeEndObject();
        json.writeArrayPropertyStart("doubts");
        reading.doubts().forEach(doubt -> {
            json.writeStartObject();
            json.writeStringProperty("effect", doubt.effect().label());
            json.writeStringProperty("text", doubt.text());
            json.writeEndObject();
        });
        json.writeEndArray();
        strings("notes", reading.notes());
        strings("not_understood", reading.notUnderstood());
    }

    private void strings(String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private void optional(String name, OptionalDouble value) {
        Json.number(json, name, value.orElse(Double.NaN));
    }

    private void optional(String name, OptionalLong value) {
        if (value.isPresent()) {
            json.writeNumberProperty(name, value.getAsLong());
        } else {
            json.writeNullProperty(name);
        }
    }
}
