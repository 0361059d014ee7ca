package dev.hourglass.core.report;

import dev.hourglass.core.analysis.RunFact;
import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.analysis.RunSamples.KernelUse;
import dev.hourglass.core.analysis.RunSamples.Step;
import dev.hourglass.core.text.Json;
import dev.hourglass.core.trace.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The samples of one run or of several as a file, so that a baseline outlives its sessions.
public final class SamplesJson {
    /// Numbers of a step: period, wall, tokens, batch.
    private static final int PER_STEP = 4;

    private SamplesJson() {}

    /// Writes one run.
    public static void write(RunSamples samples, Path file) throws IOException {
        write(List.of(samples), file);
    }

    /// @param runs runs of the same
    public static void write(List<RunSamples> runs, Path file) throws IOException {
        Json.write(file, json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("runs");
            runs.forEach(run -> write(json, run));
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, RunSamples samples) {
        json.writeStartObject();
        json.writeStringProperty("name", samples.name());
        json.writeStringProperty("stage", samples.stage());
        json.writeArrayPropertyStart("period_wall_tokens_batch");
        samples.steps().forEach(step -> numbers(json, step.periodUs(), step.wallUs(), step.tokens(), step.batch()));
        json.writeEndArray();
        json.writeObjectPropertyStart("components_us");
        samples.componentsUs().forEach((component, values) -> {
            json.writeName(component);
            numbers(json, values.stream().mapToDouble(Double::doubleValue).toArray());
        });
        json.writeEndObject();
        json.writeObjectPropertyStart("kernels");
        samples.kernels().forEach((kernel, use) -> {
            json.writeName(kernel);
            numbers(json, use.callsPerStep(), use.usPerStep());
        });
        json.writeEndObject();
        json.writeObjectPropertyStart("full_names");
        samples.fullNames().forEach(json::writeStringProperty);
        json.writeEndObject();
        json.writeArrayPropertyStart("facts");
        samples.facts().forEach(fact -> {
            json.writeStartArray();
            json.writeString(fact.kind().key());
            json.writeString(fact.what());
            json.writeString(fact.value());
            json.writeEndArray();
        });
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void numbers(JsonGenerator json, double... values) {
        json.writeStartArray();
        for (double value : values) {
            Json.number(json, value);
        }
        json.writeEndArray();
    }

    /// @return the runs of the file, at least one
    /// @throws IOException if the file is not one that [#write] wrote
    public static List<RunSamples> read(Path file) throws IOException {
        List<RunSamples> runs = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), Files.readString(file))) {
            json.nextToken();
            Reader old = new Reader();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (field.equals("runs")) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        runs.add(new Reader().read(json));
                    }
                } else {
                    old.field(field, json);
                }
            }
            if (runs.isEmpty()) {
                runs.add(old.samples());
            }
        } catch (JacksonException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException(file + " is not a stored baseline: " + e.getMessage(), e);
        }
        return runs;
    }

    /// One run. A file of a build before there were several has its fields at the top, and in `t_token_us` the T_token
    /// of
    /// a decode run, which has parts that no other has, or else walls.
    private static final class Reader {
        private String name = "";
        private String stage = "";
        private List<Step> steps = List.of();
        private List<Double> times = List.of();
        private Map<String, List<Double>> components = Map.of();
        private final Map<String, KernelUse> kernels = new LinkedHashMap<>();
        private final Map<String, String> fullNames = new LinkedHashMap<>();
        private final List<RunFact> facts = new ArrayList<>();

        RunSamples read(JsonParser json) {
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = json.currentName();
                json.nextToken();
                field(field, json);
            }
            return samples();
        }

        RunSamples samples() {
            boolean decodeRun = components.containsKey(Component.SAMPLING.key());
            if (!times.isEmpty()) {
                steps = times.stream()
                        .map(us -> decodeRun ? Step.of(us) : onlyWall(us))
                        .toList();
            }
            return new RunSamples(name, stage, steps, components, kernels, fullNames, facts);
        }

        private void field(String field, JsonParser json) {
            switch (field) {
                case "name" -> name = json.getString();
                case "stage" -> stage = json.getString();
                case "period_wall_tokens_batch" -> steps = steps(json);
                case "t_token_us" -> times = numbers(json);
                case "components_us" -> components = lists(json);
                case "kernels" ->
                    lists(json).forEach((kernel, use) -> kernels.put(kernel, new KernelUse(use.get(0), use.get(1))));
                case "full_names" -> {
                    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                        String key = json.currentName();
                        json.nextToken();
                        fullNames.put(key, json.getString());
                    }
                }
                case "facts" -> facts(json);
                default -> json.skipChildren();
            }
        }

        private static Step onlyWall(double us) {
            return new Step(Double.NaN, us, Double.NaN, Double.NaN);
        }

        private void facts(JsonParser json) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                List<String> fact = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    fact.add(json.getString());
                }
                facts.add(new RunFact(
                        RunFact.Kind.valueOf(fact.get(0).toUpperCase(Locale.ROOT)), fact.get(1), fact.get(2)));
            }
        }
    }

    private static List<Step> steps(JsonParser json) {
        List<Step> steps = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            List<Double> step = numbers(json);
            if (step.size() != PER_STEP) {
                throw new IndexOutOfBoundsException("a step has " + step.size() + " numbers, not " + PER_STEP);
            }
            steps.add(new Step(step.get(0), step.get(1), step.get(2), step.get(3)));
        }
        return steps;
    }

    private static Map<String, List<Double>> lists(JsonParser json) {
        Map<String, List<Double>> lists = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            json.nextToken();
            lists.put(key, numbers(json));
        }
        return lists;
    }

    /// What was not measured stands as null.
    private static List<Double> numbers(JsonParser json) {
        List<Double> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(json.currentToken() == JsonToken.VALUE_NULL ? Double.NaN : json.getDoubleValue());
        }
        return values;
    }
}
