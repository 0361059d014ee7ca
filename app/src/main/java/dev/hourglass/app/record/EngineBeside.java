package dev.hourglass.app.record;

import dev.hourglass.device.collect.GpuSampling;
import dev.hourglass.device.collect.Paced;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// What is collected of an engine from outside, by what its command line tells: its metrics, whether it gets ready, by
/// which numbers it knows its GPUs.
///
/// @param command program and arguments
/// @param records directory that takes what the probe writes
/// @param visible `CUDA_VISIBLE_DEVICES` of its environment
record EngineBeside(List<String> command, Path records, Optional<String> visible) {
    private static final Duration READY_PACE = Duration.ofSeconds(1);
    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES=";

    /// @param processes of the command, asked at each sample
    List<Paced> collectors(Watching watching, Supplier<Set<Long>> processes, boolean starts) {
        Optional<ServedEngine> engine = ServedEngine.of(command);
        List<Paced> groups = new ArrayList<>();
        List<URI> addresses = addresses(watching, engine);
        Optional<String> without = engine.filter(_ -> addresses.isEmpty()).map(ServedEngine::why);
        if (!addresses.isEmpty() || without.isPresent()) {
            groups.add(new Paced(
                    "scrape",
                    watching.scrapePace(),
                    true,
                    List.of(new MetricScrape(addresses, without, System::nanoTime))));
        }
        if (starts) {
            OptionalInt port = engine.map(ServedEngine::port).orElse(OptionalInt.empty());
            ReadyWatch.Watched watched = new ReadyWatch.Watched(processes, records, engine.isPresent(), port);
            groups.add(new Paced(
                    "ready",
                    READY_PACE,
                    true,
                    List.of(new ReadyWatch(watched, watching.readyLimit(), watching.say(), System::nanoTime))));
        }
        return groups;
    }

    private static List<URI> addresses(Watching watching, Optional<ServedEngine> engine) {
        return watching.scrape().isEmpty()
                ? engine.flatMap(ServedEngine::metrics).stream().toList()
                : watching.scrape();
    }

    /// GPUs by the command's own numbers: those of its environment, or of the assignment before it (`env NAME=…`).
    GpuSampling.Wishes gpus() {
        Optional<String> assigned = command.stream()
                .takeWhile(argument -> argument.equals("env") || argument.contains("="))
                .filter(argument -> argument.startsWith(VISIBLE))
                .map(argument -> argument.substring(VISIBLE.length()))
                .reduce((first, last) -> last);
        return new GpuSampling.Wishes(Set.of(), assigned.or(() -> visible), GpuSampling.PACE);
    }
}
