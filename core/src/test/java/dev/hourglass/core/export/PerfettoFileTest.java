package dev.hourglass.core.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Decodes the export with Google's library and puts the slices together again as a viewer does.
final class PerfettoFileTest {
    @TempDir
    private Path directory;

    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, String> categories = new HashMap<>();
    private final Map<Long, UnknownFieldSet> tracks = new HashMap<>();
    private final List<UnknownFieldSet> events = new ArrayList<>();

    @Test
    void carriesEverySliceExactly() throws IOException {
        Path session = Sessions.trace(directory);
        decode(session);

        assertThat(slices())
                .containsExactlyInAnyOrderElementsOf(
                        Sessions.lines(session, "SELECT ts, dur, coalesce(category, ''), name FROM slice"));
    }

    @Test
    void carriesLinksCountersAndNames() throws IOException {
        Path session = Sessions.trace(directory);
        decode(session);
        Map<Long, String> from = new HashMap<>();
        List<String> links = new ArrayList<>();
        for (UnknownFieldSet packet : events) {
            UnknownFieldSet event = message(packet, 11);
            event.getField(47).getFixed64List().forEach(id -> from.put(id, name(event)));
        }
        for (UnknownFieldSet packet : events) {
            UnknownFieldSet event = message(packet, 11);
            event.getField(48).getFixed64List().forEach(id -> links.add("[" + from.get(id) + ", " + name(event) + "]"));
        }
        List<String> counters = events.stream()
                .map(packet -> message(packet, 11))
                .filter(event -> number(event, 9) == 4)
                .map(event -> trackName(number(event, 11)) + " "
                        + Double.longBitsToDouble(
                                event.getField(44).getFixed64List().getFirst()))
                .toList();

        assertThat(links)
                .containsExactlyInAnyOrderElementsOf(
                        Sessions.lines(
                                session,
                                "SELECT o.name, i.name FROM flow f JOIN slice o ON o.id = f.slice_out JOIN slice i ON i.id = f.slice_in"));
        assertThat(links).isNotEmpty();
        assertThat(counters).containsExactly("queue 3.0", "queue 0.5");
        assertThat(tracks.values().stream()
                        .filter(track -> track.hasField(3))
                        .map(track -> number(message(track, 3), 1) + " " + text(message(track, 3), 6)))
                .containsExactly("467 python3");
        assertThat(tracks.values().stream()
                        .filter(track -> track.hasField(4))
                        .map(track -> number(message(track, 4), 2) + " " + text(message(track, 4), 5)))
                .contains("467 main \"<t>\"");
    }

    @Test
    void givesOverlappingSlicesTracksOfTheirOwn() throws IOException {
        Path session = Sessions.trace(directory);
        decode(session);

        assertThat(tracks.values().stream().filter(track -> text(track, 2).equals("GPU 0 stream 7")))
                .hasSize(3);
    }

    @Test
    void writesWhatTheLibraryWrites() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream library = CodedOutputStream.newInstance(bytes);
        library.writeUInt64(1, 300);
        library.writeInt64(15, -1);
        library.writeFixed64(16, Long.MIN_VALUE + 5);
        library.writeDouble(44, 0.1);
        library.writeString(2047, "ü".repeat(100));
        library.flush();
        ProtoOut own = new ProtoOut();
        own.varint(1, 300)
                .varint(15, -1)
                .fixed64(16, Long.MIN_VALUE + 5)
                .real(44, 0.1)
                .text(2047, "ü".repeat(100));

        assertThat(own.bytes()).isEqualTo(bytes.toByteArray());
    }

    private void decode(Path session) throws IOException {
        Path file = directory.resolve("out.pftrace");
        Exporter.export(session, ExportFormat.PERFETTO, file);
        UnknownFieldSet trace = UnknownFieldSet.parseFrom(Files.readAllBytes(file));
        assertThat(trace.asMap().keySet()).containsExactly(1);
        for (var bytes : trace.getField(1).getLengthDelimitedList()) {
            UnknownFieldSet packet = UnknownFieldSet.parseFrom(bytes);
            assertThat(number(packet, 10)).isEqualTo(1);
            if (packet.hasField(12)) {
                intern(message(packet, 12), 1, categories);
                intern(message(packet, 12), 2, names);
            }
            if (packet.hasField(60)) {
                assertThat(tracks.put(number(message(packet, 60), 1), message(packet, 60)))
                        .as("a track described twice")
                        .isNull();
            }
            if (packet.hasField(11)) {
                assertThat(tracks).containsKey(number(message(packet, 11), 11));
                events.add(packet);
            }
        }
    }

    private static void intern(UnknownFieldSet data, int field, Map<Long, String> into) throws IOException {
        for (var bytes : data.getField(field).getLengthDelimitedList()) {
            UnknownFieldSet entry = UnknownFieldSet.parseFrom(bytes);
            into.put(number(entry, 1), text(entry, 2));
        }
    }

    /// Ends close what began last on their track, in the order of time and then of the file.
    private List<String> slices() {
        List<UnknownFieldSet> inTime = new ArrayList<>(events);
        inTime.sort(Comparator.comparingLong(packet -> number(packet, 8)));
        Map<Long, Deque<String[]>> open = new HashMap<>();
        List<String> slices = new ArrayList<>();
        for (UnknownFieldSet packet : inTime) {
            UnknownFieldSet event = message(packet, 11);
            Deque<String[]> stack = open.computeIfAbsent(number(event, 11), track -> new ArrayDeque<>());
            if (number(event, 9) == 1) {
                stack.push(new String[] {String.valueOf(number(packet, 8)), category(event), name(event)});
            } else if (number(event, 9) == 2) {
                slices.add(slice(stack.pop(), number(packet, 8)));
            }
        }
        open.values().forEach(stack -> stack.forEach(begun -> slices.add(slice(begun, -1))));
        return slices;
    }

    private static String slice(String[] begun, long end) {
        long ts = Long.parseLong(begun[0]);
        return List.of(ts, end < 0 ? -1 : end - ts, begun[1], begun[2]).toString();
    }

    private String name(UnknownFieldSet event) {
        return names.getOrDefault(number(event, 10), "?");
    }

    private String category(UnknownFieldSet event) {
        return event.hasField(3) ? categories.getOrDefault(number(event, 3), "?") : "";
    }

    private String trackName(long uuid) {
        return text(Objects.requireNonNull(tracks.get(uuid)), 2);
    }

    private static UnknownFieldSet message(UnknownFieldSet outer, int field) {
        try {
            return UnknownFieldSet.parseFrom(
                    outer.getField(field).getLengthDelimitedList().getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(UnknownFieldSet message, int field) {
        return message.getField(field).getVarintList().getFirst();
    }

    private static String text(UnknownFieldSet message, int field) {
        return message.hasField(field)
                ? message.getField(field).getLengthDelimitedList().getFirst().toStringUtf8()
                : "";
    }
}
