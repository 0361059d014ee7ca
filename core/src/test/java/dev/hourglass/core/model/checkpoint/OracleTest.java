package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.model.Cache;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.FlopCount;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.Tower;
import dev.hourglass.core.model.Work;
import dev.hourglass.core.model.keys.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every recorded count of the reference (Transformers on the meta device) is met exactly: the
/// parameters, the cache, and the FLOPs of each group and phase.
class OracleTest {
    private static final Path ORACLE = Path.of("..", "benchmarks", "model-oracle");

    /// What the reference computes elementwise or in chunks, or what is not a model's work.
    private static final Set<String> NOT_COMPARED = Set.of("rope", "linear_attn_core", "ssm_core", "conv_core");

    @TestFactory
    Stream<DynamicTest> recordedCounts() throws IOException {
        return lines("recorded.jsonl")
                .map(record -> DynamicTest.dynamicTest(
                        text(record, "config") + " " + number(record, "prompt") + "/" + number(record, "context"),
                        () -> compare(record, read(text(record, "config")))));
    }

    /// Configurations with single keys changed: each key has the effect that the reference gives it,
    /// and no other.
    @TestFactory
    Stream<DynamicTest> recordedVariants() throws IOException {
        Map<String, Json.Obj> variants =
                lines("variants.jsonl").collect(Collectors.toMap(v -> text(v, "name"), v -> v));
        return lines("recorded-variants.jsonl")
                .map(record -> DynamicTest.dynamicTest(
                        text(record, "variant"),
                        () -> compare(record, changed(Objects.requireNonNull(variants.get(text(record, "variant")))))));
    }

    /// Configurations given whole: what stands in for absent keys is right as well.
    @TestFactory
    Stream<DynamicTest> recordedFamilies() throws IOException {
        return lines("recorded-families.jsonl")
                .map(record -> DynamicTest.dynamicTest(text(record, "name"), () -> {
                    Model model = ModelReader.described("family", object(record, "config"), Optional.empty());
                    assertThat(model.reading().notUnderstood()).isEmpty();
                    assertThat(model.reading().doubts()).isEmpty();
                    compare(record, model);
                }));
    }

    private static Model read(String name) {
        return ModelReader.described(name, Json.read(ORACLE.resolve("configs/" + name + ".json")), Optional.empty());
    }

    private static Stream<Json.Obj> lines(String file) throws IOException {
        return Files.readAllLines(ORACLE.resolve(file)).stream()
                .map(line -> Json.parse(file, line.getBytes(StandardCharsets.UTF_8), 0));
    }

    private static Model changed(Json.Obj variant) {
        Json.Obj config = Json.read(ORACLE.resolve("configs/" + text(variant, "base") + ".json"));
        object(variant, "set")
                .members()
                .forEach((key, value) -> target(config, key).put(key.substring(key.lastIndexOf('.') + 1), value));
        ((Json.Arr) Objects.requireNonNull(variant.members().get("unset")))
                .items().stream()
                        .map(item -> ((Json.Text) item).value())
                        .forEach(key -> target(config, key).remove(key.substring(key.lastIndexOf('.') + 1)));
        return ModelReader.described("variant", config, Optional.empty());
    }

    private static Map<String, Json> target(Json.Obj config, String key) {
        return key.contains(".")
                ? object(config, key.substring(0, key.indexOf('.'))).members()
                : config.members();
    }

    private static void compare(Json.Obj record, Model model) {
        assertThat(model.parametersByGroup().entrySet().stream()
                        .collect(Collectors.toMap(e -> e.getKey().label(), Map.Entry::getValue)))
                .isEqualTo(numbers(record, "params_by_group"));
        assertThat(model.parameters()).isEqualTo(number(record, "params_total"));
        assertThat(model.activeParameters()).isEqualTo(number(record, "params_active"));
        if (record.members().containsKey("elements_after_prefill")) {
            assertThat(cacheElements(model, number(record, "prompt"), number(record, "batch")))
                    .isEqualTo(number(record, "elements_after_prefill"));
        }
        Json.Obj recorded = object(object(record, "flops"), "hf");
        Map<String, FlopCount> counted = counted(model, record);
        assertThat(counted.keySet()).containsAll(recorded.members().keySet());
        recorded.members()
                .keySet()
                .forEach(phase -> assertThat(comparable(
                                Objects.requireNonNull(counted.get(phase)).byGroup()))
                        .as(phase)
                        .isEqualTo(comparable(numbers(object(recorded, phase), "by_group"))));
    }

    private static Map<String, FlopCount> counted(Model model, Json.Obj record) {
        long batch = number(record, "batch");
        Work prefill = Work.prefill(number(record, "prompt"), batch);
        Map<String, FlopCount> counted = new LinkedHashMap<>();
        counted.put("prefill_all_logits", FlopCount.of(model.sections(), prefill.allLogits(), Convention.HF));
        counted.put("prefill_last_logit", FlopCount.of(model.sections(), prefill, Convention.HF));
        counted.put(
                "decode", FlopCount.of(model.sections(), Work.decode(number(record, "context"), batch), Convention.HF));
        model.tower().ifPresent(tower -> {
            String[] image = record.members().containsKey("image")
                    ? text(record, "image").split("x")
                    : new String[] {"1", "1"};
            long tokens = tower.tokens(new Tower.Image(Long.parseLong(image[0]), Long.parseLong(image[1])));
            counted.put(tower.kind().label(), FlopCount.of(tower.sections(), Tower.once(tokens), Convention.HF));
        });
        return counted;
    }

    private static long cacheElements(Model model, long prompt, long batch) {
        return batch
                * model.sections().stream()
                        .flatMap(section -> section.operators().stream())
                        .mapToLong(op -> Cache.growing(op, prompt) + Cache.fixed(op))
                        .sum();
    }

    private static Map<String, Long> comparable(Map<String, Long> byGroup) {
        Map<String, Long> kept = new TreeMap<>(byGroup);
        kept.keySet().removeAll(NOT_COMPARED);
        return kept;
    }

    private static Json.Obj object(Json.Obj in, String key) {
        return (Json.Obj) in.members().get(key);
    }

    private static String text(Json.Obj in, String key) {
        return ((Json.Text) in.members().get(key)).value();
    }

    private static long number(Json.Obj in, String key) {
        return ((Json.Num) in.members().get(key)).whole();
    }

    private static Map<String, Long> numbers(Json.Obj in, String key) {
        return object(in, key).members().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> ((Json.Num) e.getValue()).whole()));
    }
}
