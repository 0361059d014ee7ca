package dev.hourglass.app.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A trace that a running process is to make of itself by PyTorch's profiler.
///
/// PyTorch writes below /tmp and puts the number of the process before the end of the name.
///
/// @param pid the process, or one above those that are meant
/// @param length how long to record
/// @param name of the file, without its end
record TorchTraceOrder(long pid, Duration length, String name) {
    private static final Path PLACE = Path.of("/tmp");
    private static final Pattern NAME = Pattern.compile("hourglass-torch-\\d{1,10}-\\d{1,20}");
    private static final long LONGEST_MS = 600_000;
    /// PyTorch asks for orders every 5 s, warms up for as long, and a trace of a second may take as long to be
    /// written.
    private static final Duration LATEST = Duration.ofSeconds(60);

    private static final Duration TURN = Duration.ofMillis(250);
    /// Turns in which a file must not grow any more.
    private static final int STILL = 4;

    static TorchTraceOrder of(long pid, Duration length) {
        String name = "hourglass-torch-" + ProcessHandle.current().pid() + "-" + Math.abs(System.nanoTime());
        return new TorchTraceOrder(pid, length, name);
    }

    /// An order as somebody sent it; empty for one that this program would not send.
    static Optional<TorchTraceOrder> of(long pid, long milliseconds, String name) {
        boolean ours = pid > 0
                && milliseconds > 0
                && milliseconds <= LONGEST_MS
                && NAME.matcher(name).matches();
        return ours ? Optional.of(new TorchTraceOrder(pid, Duration.ofMillis(milliseconds), name)) : Optional.empty();
    }

    /// Whether a process, or one that it started, may take orders; where it cannot be told, it may.
    static boolean isPossible(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants()).anyMatch(TorchTraceOrder::takesOrders);
    }

    private static boolean takesOrders(ProcessHandle process) {
        try {
            String environment = Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + environment).contains("\0" + CommandRequest.TAKES_ORDERS + "=1\0");
        } catch (IOException e) {
            return process.isAlive();
        }
    }

    /// What PyTorch is told.
    String configuration() {
        return String.join(
                "\n",
                "ACTIVITIES_LOG_FILE=" + PLACE.resolve(name + ".json"),
                "PROFILE_START_TIME=0",
                "ACTIVITIES_DURATION_MSECS=" + length.toMillis(),
                "");
    }

    /// Orders the trace from whoever serves, waits for it and moves it into a directory of records.
    ///
    /// @param here where this process serves
    /// @return how many processes made one
    int fetch(Optional<TorchOrders> here, Path records) throws IOException, InterruptedException {
        if (here.isPresent()) {
            here.get().order(this);
        } else if (!TorchOrders.orderElsewhere(this)) {
            return 0;
        }
        List<Path> made = await();
        for (int i = 0; i < made.size(); i++) {
            long behind = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now()) - System.nanoTime();
            Path to = records.resolve("torch-" + pid + "-" + i + "-" + behind + ".json");
            Files.move(made.get(i), to, StandardCopyOption.REPLACE_EXISTING);
        }
        return made.size();
    }

    /// The files, when they do not grow any more; none where the time is over.
    private List<Path> await() throws IOException, InterruptedException {
        long until = System.nanoTime() + length.plus(LATEST).toNanos();
        Map<Path, Long> before = new HashMap<>();
        int still = 0;
        while (System.nanoTime() < until) {
            Thread.sleep(TURN);
            Map<Path, Long> now = sizes();
            still = !now.isEmpty() && now.equals(before) && !now.containsValue(0L) ? still + 1 : 0;
            if (still >= STILL) {
                return new ArrayList<>(now.keySet());
            }
            before = now;
        }
        return List.of();
    }

    private Map<Path, Long> sizes() throws IOException {
        Map<Path, Long> sizes = new HashMap<>();
        try (Stream<Path> files = Files.list(PLACE)) {
            for (Path file : files.filter(
                            each -> String.valueOf(each.getFileName()).startsWith(name)
                                    && each.toString().endsWith(".json"))
                    .toList()) {
                sizes.put(file, Files.size(file));
            }
        }
        return sizes;
    }
}
