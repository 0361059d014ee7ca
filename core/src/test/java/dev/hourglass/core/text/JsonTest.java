package dev.hourglass.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;

class JsonTest {
    @Test
    void itemsBeginALineDownToALevel() {
        assertThat(lines(1, JsonTest::nested)).isEqualTo("""
                {"a": 1, "b": {"c": [1,2], "d": []}, "e": [{"f": 1, "g": 2},{}]}""");
        assertThat(lines(2, JsonTest::nested)).isEqualTo("""
                {
                "a": 1,
                "b": {"c": [1,2], "d": []},
                "e": [
                {"f": 1, "g": 2},
                {}
                ]
                }""");
        assertThat(lines(1, json -> Json.value(json, List.of(Map.of("a", 1L), List.of(1L, 2L)))))
                .isEqualTo("[\n{\"a\": 1},\n[1,2]\n]");
        assertThat(lines(3, json -> Json.value(json, List.of()))).isEqualTo("[]");
    }

    /// Programs read the same text, a terminal is not steered; half of a character ends nothing.
    @Test
    void whatSteersATerminalIsEscapedEverywhere() {
        String text = "\u001b\u007f\u009b\u202e\u2028é日\n";
        String escaped = "\"\\u001b\\u007f\\u009b\\u202e\\u2028é日\\n\"";

        assertThat(Json.text(json -> json.writeString(text))).isEqualTo(escaped + "\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.lines(out)) {
            json.writeString(text);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(escaped);
        assertThat(lines(1, json -> json.writeString(text))).isEqualTo(escaped.replace("\\n", "\\u000a"));
    }

    @Test
    void rowsOfAnAnswerAreIndented() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.lines(out)) {
            Json.value(json, List.of(Map.of("a", List.of(1L, 2L)), Map.of("b", "<")));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("[\n  {\"a\": [1,2]},\n  {\"b\": \"<\"}\n]");
    }

    @Test
    void nothingInAFileForOthersEndsAScript() {
        assertThat(lines(1, json -> json.writeString("</script>\u2028\u2029\u007f\u0000\t\"\\é日🎈")))
                .isEqualTo("\"\\u003c/script>\\u2028\\u2029\\u007f\\u0000\\u0009\\\"\\\\é日🎈\"");
    }

    @Test
    void aLineHasNoSpace() {
        Map<String, Object> labels = new LinkedHashMap<>();
        labels.put("a", "x\"y\n");
        labels.put("b", List.of(1L, 2.5));
        assertThat(Json.line(labels)).isEqualTo("{\"a\":\"x\\\"y\\u000a\",\"b\":[1,2.5]}");
        assertThat(Json.line(Map.of())).isEqualTo("{}");
        assertThat(Json.line("\ud800")).as("half a pair").hasSize(3);
    }

    private static void nested(JsonGenerator json) {
        Map<String, Object> b = new LinkedHashMap<>();
        b.put("c", List.of(1L, 2L));
        b.put("d", List.of());
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("f", 1L);
        f.put("g", 2L);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("a", 1L);
        all.put("b", b);
        all.put("e", List.of(f, Map.of()));
        Json.value(json, all);
    }

    private static String lines(int level, Consumer<JsonGenerator> body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.lines(out, level)) {
            body.accept(json);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
