package dev.hourglass.device.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.device.ffi.code.InjectedCode;
import dev.hourglass.device.ffi.posix.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Machine code against a disassembler that somebody else wrote, and against arithmetic in double precision.
class ProgramsTest {
    private static final Path OBJDUMP = Path.of("/usr/bin/objdump");

    @TempDir
    private Path directory;

    static Stream<Integer> vectors() {
        return Stream.of(Programs.LONG_VECTOR, Programs.SHORT_VECTOR);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void arithmeticIsWhatADisassemblerReads(int vector) throws IOException, InterruptedException {
        int sums = Programs.sums(vector);
        String register = vector == Programs.LONG_VECTOR ? "zmm" : "ymm";

        assertThat(disassembled(Programs.multiplyAdd(vector, false)))
                .containsAll(IntStream.range(0, sums)
                        .mapToObj(r ->
                                "vfmadd213ps " + register + r + "," + register + sums + "," + register + (sums + 1))
                        .toList())
                .endsWith("vzeroupper", "ret");
        assertThat(disassembled(Programs.multiplyAdd(vector, true)))
                .contains("vfmadd213pd " + register + "7," + register + sums + "," + register + (sums + 1));
        assertThat(disassembled(Programs.dot(vector, Assembler.DOT_BYTES)))
                .anyMatch(line ->
                        line.endsWith("vpdpbusd " + register + "9," + register + sums + "," + register + (sums + 1)));
    }

    @Test
    void bfloatsAndTilesAreWhatADisassemblerReads() throws IOException, InterruptedException {
        assertThat(disassembled(Programs.dot(Programs.LONG_VECTOR, Assembler.DOT_BFLOATS)))
                .contains("vdpbf16ps zmm0,zmm30,zmm31", "vdpbf16ps zmm29,zmm30,zmm31");
        assertThat(disassembled(Programs.tiles(true)))
                .startsWith("ldtilecfg [rsi]", "mov rax,rdx", "tileloadd tmm0,[rax+rcx*1]")
                .contains("tdpbssd tmm0,tmm6,tmm7", "tdpbssd tmm5,tmm6,tmm7", "tilestored [rdx+rcx*1],tmm5")
                .endsWith("tilerelease", "vzeroupper", "ret");
        assertThat(disassembled(Programs.tiles(false))).contains("tdpbf16ps tmm3,tmm6,tmm7");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void streamsAreWhatADisassemblerReads(int vector) throws IOException, InterruptedException {
        String register = vector == Programs.LONG_VECTOR ? "zmm" : "ymm";
        String pointer = vector == Programs.LONG_VECTOR ? "ZMMWORD PTR " : "YMMWORD PTR ";
        String second = pointer + "[rsi+0x" + Integer.toHexString(vector) + "]";

        assertThat(disassembled(Programs.read(vector))).contains("vmovups " + register + "1," + second);
        assertThat(disassembled(Programs.copy(vector, true)))
                .contains("vmovntps " + second.replace("rsi", "rdx") + "," + register + "1", "sfence");
        assertThat(disassembled(Programs.triad(vector, false)))
                .containsSubsequence(
                        "vmovups " + register + "1," + second.replace("rsi", "rdx"),
                        "vfmadd213ps " + register + "1," + register + (vector == Programs.LONG_VECTOR ? 31 : 15) + ","
                                + second,
                        "vmovups " + second.replace("rsi", "rcx") + "," + register + "1");
        assertThat(disassembled(Programs.knee(vector, 2)).stream()
                        .filter(line -> line.startsWith("vfmadd213ps"))
                        .count())
                .isEqualTo(2L * Programs.UNROLLED);
    }

    @Test
    void theClockIsAChainOfMultiplications() throws IOException, InterruptedException {
        assertThat(disassembled(Programs.clock()))
                .hasSize(Programs.SQUARES + 4)
                .startsWith("imul rax,rax")
                .contains("dec rdi", "jne 0x0");
    }

    /// Jumps go back to an instruction, not into one.
    @ParameterizedTest
    @MethodSource("vectors")
    void jumpsMeetInstructions(int vector) throws IOException, InterruptedException {
        for (byte[] program :
                List.of(Programs.read(vector), Programs.multiplyAdd(vector, false), Programs.knee(vector, 4))) {
            Map<String, String> at = lines(program);
            at.values().stream()
                    .filter(line -> line.startsWith("jne"))
                    .forEach(line -> assertThat(at).containsKey(line.substring("jne 0x".length())));
        }
    }

    @Test
    void computesWhatDoublePrecisionDoes() {
        Processor processor = Processor.read();
        int vector = processor.vectorBytes();
        assumeTrue(vector > 0, "no program for this processor");
        try (Arena arena = Arena.ofConfined()) {
            List<Arithmetic> all = new ArrayList<>();
            load(
                    Programs.multiplyAdd(vector, false),
                    code -> all.add(new Arithmetic.MultiplyAdd(code, vector, false, arena)));
            load(
                    Programs.multiplyAdd(vector, true),
                    code -> all.add(new Arithmetic.MultiplyAdd(code, vector, true, arena)));
            if (processor.dotsBytes()) {
                load(
                        Programs.dot(vector, Assembler.DOT_BYTES),
                        code -> all.add(new Arithmetic.Dot(code, vector, true, arena)));
            }
            if (processor.dotsBfloats()) {
                load(
                        Programs.dot(vector, Assembler.DOT_BFLOATS),
                        code -> all.add(new Arithmetic.Dot(code, vector, false, arena)));
            }
            if (processor.tiles(true) && Posix.allowTiles()) {
                load(Programs.tiles(true), code -> all.add(new Tiles(code, true, arena)));
                load(Programs.tiles(false), code -> all.add(new Tiles(code, false, arena)));
            }
            all.add(new JavaMultiplyAdd(false));
            all.add(new JavaMultiplyAdd(true));
            for (Arithmetic arithmetic : all) {
                arithmetic.reset(new SplittableRandom(1));
                arithmetic.run(10);
                assertThat(arithmetic.error(10)).as(arithmetic.toString()).isLessThan(1e-3);
                assertThat(arithmetic.error(11))
                        .as("noticed: an iteration too many")
                        .isGreaterThan(1e-9);
            }
        }
    }

    private interface Use {
        void of(InjectedCode code);
    }

    /// The page stays for the test's process.
    private static void load(byte[] program, Use use) {
        InjectedCode.load(program).ifPresent(use::of);
    }

    private List<String> disassembled(byte[] program) throws IOException, InterruptedException {
        return new ArrayList<>(lines(program).values());
    }

    /// Instructions by their hexadecimal address.
    private Map<String, String> lines(byte[] program) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(OBJDUMP), "no objdump here");
        Path file = directory.resolve("program.bin");
        Files.write(file, program);
        Process process = new ProcessBuilder(
                        OBJDUMP.toString(),
                        "-D",
                        "-b",
                        "binary",
                        "-m",
                        "i386:x86-64",
                        "-M",
                        "intel",
                        "--no-show-raw-insn",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(process.waitFor() == 0, "an objdump for another architecture");
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            String[] parts = line.strip().split(":\\s+", 2);
            if (parts.length == 2 && parts[0].matches("[0-9a-f]+")) {
                lines.put(parts[0], parts[1].strip().replaceAll("\\s+", " ").replace("+0x0]", "]"));
            }
        }
        assertThat(Set.copyOf(lines.values())).noneMatch(line -> line.contains("(bad)"));
        return lines;
    }
}
