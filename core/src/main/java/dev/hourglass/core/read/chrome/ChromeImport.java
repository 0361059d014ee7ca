package dev.hourglass.core.read.chrome;

import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.TraceFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// One pass over a Chrome trace: the members of its object, the list of its events in one or many
/// stretches, the members behind it.
final class ChromeImport {
    /// Slices after which a segment is handed over.
    private static final int SLICES_PER_SEGMENT = 16_384;
    /// Bytes of a file that one thread parses at a time.
    private static final int STRETCH_BYTES = 1 << 20;

    private final Source source;
    private final Dictionary dictionary;
    private final TrackKeys keys;
    private final ChromeAssembler assembler;
    private final ImportContext context;
    private final ChromeCategories categories;
    private final ChromeEnvelope envelope = new ChromeEnvelope();
    private boolean sawList;
    private boolean bare;
    private long end;

    ChromeImport(
            Source source, Dictionary dictionary, TrackKeys keys, ChromeAssembler assembler, ImportContext context) {
        this.source = source;
        this.dictionary = dictionary;
        this.keys = keys;
        this.assembler = assembler;
        this.context = context;
        this.categories = new ChromeCategories(dictionary);
    }

    ChromeEnvelope envelope() {
        return envelope;
    }

    /// Whether there was a list of events.
    boolean sawList() {
        return sawList;
    }

    /// How far the content was read.
    long end() {
        return end;
    }

    ChromeParser parser() {
        return new ChromeParser(dictionary, keys, categories, context.options().rawArgs());
    }

    /// Takes the segments of a stream, in their order.
    @FunctionalInterface
    private interface Segments {
        void add(Segment segment) throws IOException;
    }

    /// Reads everything from a stream.
    void sequential(InputStream in) throws IOException {
        sequential(in, assembler::add);
    }

    /// Reads everything from a stream, and assembles what was parsed on a thread of its own.
    void sideBySide(InputStream in) throws IOException {
        try (SegmentQueue queue = new SegmentQueue(assembler::add)) {
            sequential(in, queue::add);
            queue.finish();
        }
    }

    private void sequential(InputStream in, Segments segments) throws IOException {
        Window window = new Window(source.name(), in, context::progress);
        ChromeParser parser = parser();
        window.more(parser);
        if (header(window, parser)) {
            eventsFrom(window, parser, segments);
        }
        window.finish(parser, context.stats());
    }

    /// Reads the head of a file, lets many threads read its events, then reads its tail.
    void parallel(Path file, int stretch) throws IOException {
        long first;
        boolean found;
        try (InputStream in = source.open()) {
            Window window = new Window(source.name(), in, bytes -> {});
            ChromeParser parser = parser();
            window.more(parser);
            found = header(window, parser);
            first = window.origin() + parser.position;
        }
        if (!found) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ChromeStretches stretches = new ChromeStretches(this, channel, first, stretch, context, assembler);
            long after = stretches.run();
            end = after;
            if (stretches.ended()) {
                tail(channel, after);
            } else if (bare && stretches.endedBetweenElements()) {
                unended(after);
            } else {
                truncated("the list of events", after);
            }
        }
    }

    private void tail(FileChannel channel, long after) throws IOException {
        InputStream rest =
                new java.io.BufferedInputStream(java.nio.channels.Channels.newInputStream(channel.position(after)));
        Window window = new Window(source.name(), rest, context::progress);
        ChromeParser parser = parser();
        window.more(parser);
        trailer(window, parser, after);
    }

    private void eventsFrom(Window window, ChromeParser parser, Segments segments) throws IOException {
        boolean over = false;
        while (true) {
            Segment segment = new Segment();
            ChromeParser.Stop stop;
            do {
                int stretch = Math.min(parser.limit, parser.position + STRETCH_BYTES);
                stop = parser.events(segment, window.origin(), stretch);
                if (stop != ChromeParser.Stop.NEED_MORE || goesOn(window, parser)) {
                    continue;
                }
                if (!over) {
                    over = true;
                    parser.nothingFollows(true);
                } else {
                    segments.add(segment);
                    end = window.origin() + parser.position;
                    if (bare && parser.isBetweenElements() && window.damage().isEmpty()) {
                        unended(end);
                    } else {
                        cutShort(window, "the list of events", end);
                    }
                    return;
                }
            } while (stop != ChromeParser.Stop.END_OF_LIST && segment.slices < SLICES_PER_SEGMENT);
            segments.add(segment);
            if (stop == ChromeParser.Stop.END_OF_LIST) {
                trailer(window, parser, 0);
                return;
            }
        }
    }

    /// Reads on, or goes past an event that is too long to be read. False at the end of the content.
    private static boolean goesOn(Window window, ChromeParser parser) throws IOException {
        if (window.isFull(parser)) {
            long at = window.origin() + parser.position;
            parser.passed(at, window.pass(parser));
            return true;
        }
        return window.more(parser);
    }

    private void truncated(String inside, long at) {
        context.stats().count("truncated", Severity.DATA_LOSS, "byte " + at + ": the content ends inside " + inside);
    }

    /// The bracket behind a bare list may be missing: what writes it may end at any time.
    private void unended(long at) {
        context.stats().count("unended_list", Severity.NOTICE, "byte " + at + ": no ] behind the last event");
    }

    /// The content cannot be read any further.
    private void cutShort(Window window, String inside, long at) {
        truncated(inside + window.damage().map(why -> " (" + why + ")").orElse(""), at);
    }

    /// Reads members until the list of events begins. False if there is none.
    private boolean header(Window window, ChromeParser parser) throws IOException {
        skipMark(parser);
        int c = peek(window, parser);
        if (c == '[') {
            parser.position++;
            bare = true;
            sawList = true;
            return true;
        }
        if (c != '{') {
            throw new TraceFormatException(source.name(), window.origin() + parser.position, "{ or [");
        }
        parser.position++;
        return members(window, parser, 0);
    }

    private static void skipMark(ChromeParser parser) {
        byte[] b = parser.buffer;
        if (parser.limit >= 3 && b[0] == (byte) 0xEF && b[1] == (byte) 0xBB && b[2] == (byte) 0xBF) {
            parser.position = 3;
        }
    }

    private void trailer(Window window, ChromeParser parser, long shift) throws IOException {
        end = shift + window.origin() + parser.position;
        boolean again = !bare && members(window, parser, shift);
        end = shift + window.origin() + parser.position;
        if (again) {
            left("second_list", "another list of events is not read", window, parser, shift);
        } else if (follows(window, parser)) {
            left("content_behind", "what stands behind the end of the trace is not read", window, parser, shift);
        }
    }

    /// Counts that everything from the cursor on is not read.
    private void left(String kind, String what, Window window, ChromeParser parser, long shift) throws IOException {
        long from = shift + window.origin() + parser.position;
        long to = shift + window.origin() + parser.limit;
        parser.position = parser.limit;
        while (window.more(parser)) {
            to = shift + window.origin() + parser.limit;
            parser.position = parser.limit;
        }
        context.stats().count(kind, Severity.DATA_LOSS, "bytes " + from + " to " + to + ": " + what);
    }

    /// Whether anything but white space stands behind the cursor.
    private static boolean follows(Window window, ChromeParser parser) throws IOException {
        while (true) {
            try {
                parser.peek();
                return true;
            } catch (JsonCursor.NeedMore e) {
                if (!window.more(parser)) {
                    return false;
                }
            }
        }
    }

    /// Reads members of the outer object. True when the list of events begins.
    private boolean members(Window window, ChromeParser parser, long shift) throws IOException {
        while (true) {
            int start = parser.position;
            try {
                int c = parser.peek();
                if (c == ',') {
                    parser.position++;
                    continue;
                }
                if (c == '}') {
                    parser.position++;
                    return false;
                }
                if (member(parser)) {
                    return true;
                }
            } catch (JsonCursor.NeedMore e) {
                parser.position = start;
                if (window.isFull(parser)) {
                    overlong(window, parser);
                } else if (!window.more(parser)) {
                    end = shift + window.origin() + parser.position;
                    cutShort(window, "the members around the events", end);
                    return false;
                }
            } catch (JsonCursor.Malformed e) {
                long at = shift + window.origin() + parser.position;
                if (!sawList) {
                    throw new TraceFormatException(
                            source.name(),
                            at,
                            "a member of the JSON object, with the events as a list: \"traceEvents\": [");
                }
                context.stats().count("bad_envelope", Severity.NOTICE, "byte " + at);
                return false;
            }
        }
    }

    /// Keeps the beginning of a member that is too long to be read.
    private void overlong(Window window, ChromeParser parser) throws IOException {
        String name = "";
        try {
            parser.expect('"');
            parser.string();
            name = parser.lastText();
            parser.expect(':');
            parser.peek();
        } catch (JsonCursor.NeedMore e) {
            throw JsonCursor.Malformed.INSTANCE;
        }
        int from = parser.position;
        byte[] begin = Arrays.copyOfRange(parser.buffer, from, Math.min(parser.limit, from + ChromeEnvelope.LONGEST));
        envelope.put(name, new String(Utf8.repair(begin), StandardCharsets.UTF_8) + "…");
        context.stats()
                .count(
                        "value_cut",
                        Severity.DATA_LOSS,
                        name + ": longer than " + Window.LARGEST + " bytes, of which the first " + begin.length
                                + " are kept");
        window.pass(parser);
    }

    private boolean member(ChromeParser parser) {
        parser.expect('"');
        parser.string();
        String name = parser.lastText();
        parser.expect(':');
        int c = parser.peek();
        if (name.equals("traceEvents")) {
            if (c != '[') {
                throw JsonCursor.Malformed.INSTANCE;
            }
            parser.position++;
            sawList = true;
            return true;
        }
        if (c == '"') {
            parser.position++;
            parser.string();
            envelope.put(name, parser.lastText());
            return false;
        }
        int from = parser.position;
        parser.skipValue();
        byte[] json = Arrays.copyOfRange(parser.buffer, from, parser.position);
        envelope.put(name, new String(Utf8.repair(json), StandardCharsets.UTF_8));
        return false;
    }

    private int peek(Window window, ChromeParser parser) throws IOException {
        while (true) {
            try {
                return parser.peek();
            } catch (JsonCursor.NeedMore e) {
                if (!window.more(parser)) {
                    throw new TraceFormatException(source.name(), window.origin() + parser.position, "{ or [");
                }
            }
        }
    }
}
