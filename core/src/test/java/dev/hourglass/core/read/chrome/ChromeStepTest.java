package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Events are read the same whether or not their members come as those of earlier events did.
final class ChromeStepTest {
    private static final String[] SPACES = {"", " ", "\n    ", "\t", "  "};

    private static Segment parse(String text, ChromeParser parser) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] buffer = Arrays.copyOf(bytes, bytes.length + JsonCursor.PADDING);
        Segment segment = new Segment();
        parser.reset(buffer, 0, bytes.length);
        assertThat(parser.events(segment, 0, Integer.MAX_VALUE)).isEqualTo(ChromeParser.Stop.END_OF_LIST);
        return segment;
    }

    private static ChromeParser fresh(Dictionary dictionary, TrackKeys keys) {
        return new ChromeParser(dictionary, keys, new ChromeCategories(dictionary), false);
    }

    /// A kernel with its members and arguments in any order and any white space between them.
    private static String event(Random random, int number) {
        List<String> arguments = new ArrayList<>(List.of(
                "\"stream\"#:#7",
                "\"device\"#:#0",
                "\"correlation\"#:#" + number,
                "\"grid\"#:#[#" + number + ",#1,#2]",
                "\"Collective name\"#:#\"all" + number % 3 + "\"",
                "\"unknown " + number % 5 + "\"#:#\"value\"",
                "\"cbid\"#:#211"));
        Collections.shuffle(arguments, random);
        List<String> members = new ArrayList<>(List.of(
                "\"ph\"#:#\"X\"",
                "\"cat\"#:#\"kernel\"",
                "\"name\"#:#\"k" + number % 4 + "\"",
                "\"pid\"#:#0",
                "\"tid\"#:#" + number % 2,
                "\"ts\"#:#" + number + ".25",
                "\"dur\"#:#1.5",
                "\"other\"#:#[1,#{\"a\"#:#2}]",
                "\"args\"#:#{#" + String.join("#,#", arguments) + "#}"));
        Collections.shuffle(members, random);
        StringBuilder out = new StringBuilder();
        ("{#" + String.join("#,#", members) + "#}")
                .chars()
                .forEach(c -> out.append(c == '#' ? SPACES[random.nextInt(SPACES.length)] : String.valueOf((char) c)));
        return out.toString();
    }

    @Test
    void anyOrderOfMembersIsRead() {
        Random random = new Random(7);
        int n = 3_000;
        List<String> events = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            events.add(event(random, i));
        }
        Dictionary dictionary = new Dictionary();
        Segment all = parse(String.join(",", events) + "]", fresh(dictionary, new TrackKeys()));
        assertThat(all.stats.losses()).isEmpty();
        assertThat(all.slices).isEqualTo(n);
        for (int i = 0; i < n; i++) {
            assertThat(all.ts[i]).isEqualTo(i * 1000L + 250);
            assertThat(all.dur[i]).isEqualTo(1500);
            assertThat(all.correlation[i]).isEqualTo(i == 0 ? Segment.NONE : i); // 0 is no number
            assertThat(text(dictionary, all.name[i])).isEqualTo("k" + i % 4);
            assertThat(all.kernels.get(i, 1 + Arrays.asList(Segment.KERNEL_ARGS).indexOf(Arg.GRID_X)))
                    .isEqualTo(i);
            assertThat(text(dictionary, (int) all.kernels.get(
                            i, 1 + Arrays.asList(Segment.KERNEL_ARGS).indexOf(Arg.COLLECTIVE))))
                    .isEqualTo("all" + i % 3);
            assertThat(text(dictionary, (int) all.extras.get(i, 1))).isEqualTo("unknown " + i % 5);
        }
    }

    @Test
    void whatOnlyBeginsLikeAKnownMemberIsAnother() {
        String first =
                "{\"ph\": \"X\", \"name\": \"a\", \"ts\": 1, \"dur\": 2, \"args\": {\"stream\": 7, \"bytes\": 1}}";
        String second =
                "{\"ph\": \"X\", \"name\": \"a\", \"ts\": 1, \"dur\": 2, \"args\": {\"stream\": 7, \"bytes2\": 3}}";
        Dictionary dictionary = new Dictionary();
        Segment segment = parse(first + "," + second + "]", fresh(dictionary, new TrackKeys()));
        List<String> keys = new ArrayList<>();
        for (int r = 0; r < segment.extras.size; r++) {
            keys.add(segment.extras.get(r, 0) + " " + text(dictionary, (int) segment.extras.get(r, 1)) + " "
                    + segment.extras.get(r, 3));
        }
        assertThat(keys).containsExactlyInAnyOrder("0 stream 7", "0 bytes 1", "1 stream 7", "1 bytes2 3");
    }

    @Test
    void aBufferThatEndsAnywhereAsksForMore() {
        String text = event(new Random(3), 1) + "," + event(new Random(3), 1) + "]";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < bytes.length; length++) {
            Dictionary dictionary = new Dictionary();
            ChromeParser parser = fresh(dictionary, new TrackKeys());
            Segment segment = new Segment();
            parser.reset(Arrays.copyOf(bytes, length + JsonCursor.PADDING), 0, length);
            assertThat(parser.events(segment, 0, Integer.MAX_VALUE)).isEqualTo(ChromeParser.Stop.NEED_MORE);
            assertThat(segment.stats.losses()).isEmpty();
            int kept = parser.position;
            parser.reset(Arrays.copyOfRange(bytes, kept, bytes.length + JsonCursor.PADDING), 0, bytes.length - kept);
            assertThat(parser.events(segment, kept, Integer.MAX_VALUE)).isEqualTo(ChromeParser.Stop.END_OF_LIST);
            assertThat(segment.slices).isEqualTo(2);
        }
    }

    private static String text(Dictionary dictionary, int number) {
        return new String(dictionary.text(number), StandardCharsets.UTF_8);
    }
}
