package dev.hourglass.core.report;

import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.analysis.RunSamples.KernelUse;
import dev.hourglass.core.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A run's samples as a file, so that a baseline outlives its session.
public final class SamplesJson {
    private SamplesJson() {}

    public static void write(RunSamples samples, Path file) throws IOException {
        Json.write(file, json -> {
            json.writeStartObject();
            json.writeStringProperty("name", samples.name());
            json.writeStringProperty("stage", samples.stage());
            json.writeArrayPropertyStart("t_token_us");
            samples.tTokenUs().forEach(us -> Json.number(json, us));
            json.writeEndArray();
            json.writeObjectPropertyStart("components_us");
            samples.componentsUs().forEach((component, values) -> {
                json.writeArrayPropertyStart(component);
                values.forEach(us -> Json.number(json, us));
                json.writeEndArray();
            });
            json.writeEndObject();
            json.writeObjectPropertyStart("kernels");
            samples.kernels().forEach((kernel, use) -> {
                json.writeArrayPropertyStart(kernel);
                Json.number(json, use.callsPerStep());
                Json.number(json, use.usPerStep());
                json.writeEndArray();
            });
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    /// @throws IOException if the file is not one that [#write] wrote
    public static RunSamples read(Path file) throws IOException {
        String name = "";
        String stage = "";
        List<Double> times = List.of();
        Map<String, List<Double>> components = Map.of();
        Map<String, KernelUse> kernels = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), Files.readString(file))) {
            json.nextToken();
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "name" -> name = json.getString();
                    case "stage" -> stage = json.getString();
                    case "t_token_us" -> times = numbers(json);
                    case "components_us" -> components = lists(json);
                    case "kernels" ->
                        lists(json)
                                .forEach((kernel, use) -> kernels.put(kernel, new KernelUse(use.get(0), use.get(1))));
                    default -> json.skipChildren();
                }
            }
        } catch (JacksonException | IndexOutOfBoundsException e) {
            throw new IOException(file + " is not a stored baseline: " + e.getMessage(), e);
        }
        return new RunSamples(name, stage, times, components, kernels);
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

    private static List<Double> numbers(JsonParser json) {
        List<Double> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(json.getDoubleValue());
        }
        return values;
    }
}
