package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostFunctionTest {
    private record Known(String layer, String name) {}

    @Test
    void placesFunctionsOfEveryEngineAsAnExpertDoes() throws IOException {
        List<Known> known = resource("/host-functions.txt")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("\t"))
                .map(cells -> new Known(cells[0], cells[2]))
                .toList();
        assertThat(known).hasSizeGreaterThanOrEqualTo(150);
        assertThat(known.stream().map(Known::layer).distinct())
                .containsExactlyInAnyOrderElementsOf(HostFunction.layers());
        assertThat(known.stream()
                        .filter(k -> !HostFunction.of(k.name()).layer().equals(k.layer()))
                        .map(k ->
                                k.layer() + ", not " + HostFunction.of(k.name()).layer() + ": " + k.name()))
                .isEmpty();
    }

    @Test
    void everyRuleHasItsReason() throws IOException {
        assertThat(resource("/dev/hourglass/core/query/host-layers.txt").lines().filter(line -> !line.startsWith("#")))
                .allSatisfy(line -> assertThat(line.split(" \\| ")).hasSize(4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<built-in method get of dict object at 0x7f13c1119e80> | <built-in method get of dict>",
                "<built-in method replay of pybind11_builtins.pybind11_x object at 0x7f> | <built-in method replay>",
                "<built-in function len> | <built-in function len>",
                "nn.Module: Linear_12 | nn.Module: Linear",
                "nn.Module: Qwen3 | nn.Module: Qwen3",
                "nn.Module: 3 | nn.Module: 3",
                "a/b.py(12): f_12 | a/b.py(12): f_12",
                "''|''",
            })
    void sameFunctionsHaveOneName(String name, String brief) {
        assertThat(HostFunction.of(name).brief()).isEqualTo(brief);
    }

    @Test
    void wordsOfANameAreComparedWhole() {
        assertThat(HostFunction.of("x/y.py(1): reschedule_later").layer()).isEqualTo(HostFunction.UNKNOWN);
        assertThat(HostFunction.of("x/y.py(1): reScheduleLater").layer()).isEqualTo("scheduling");
        assertThat(HostRules.words("_prepareInputs2d for")).containsExactly("prepare", "inputs2d", "for");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "): ",
                "a(1): ",
                "(1): f",
                "<built-in ",
                "nn.Module: ",
                "nn.Module: _",
                "a(1)",
                "\uD83D\uDE00"
            })
    void survivesAnyName(String part) {
        for (String name : List.of(part, part.repeat(100_000))) {
            assertThat(HostFunction.of(name).brief()).hasSizeLessThanOrEqualTo(160);
        }
    }

    private static String resource(String path) throws IOException {
        try (InputStream in = Objects.requireNonNull(HostFunctionTest.class.getResourceAsStream(path))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
