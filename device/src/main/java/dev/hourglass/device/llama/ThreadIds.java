package dev.hourglass.device.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Operating-system ids of this process's threads.
final class ThreadIds {
    static final Path TASKS = Path.of("/proc/self/task");

    private ThreadIds() {}

    /// Of the calling thread.
    static int own() throws IOException {
        return Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString());
    }

    static Set<Integer> all() throws IOException {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return new TreeSet<>(
                    tasks.map(t -> Integer.parseInt(t.getFileName().toString())).toList());
        }
    }

    /// The calling thread and the threads that it started natively since `before`: those have its name.
    static List<Integer> computing(Set<Integer> before) throws IOException {
        int own = own();
        String name = name(own);
        List<Integer> ids = new ArrayList<>(List.of(own));
        for (int id : all()) {
            if (!before.contains(id) && name(id).equals(name)) {
                ids.add(id);
            }
        }
        return ids;
    }

    /// What the system calls a thread; empty if it has ended.
    static String name(int id) {
        try {
            return Files.readString(TASKS.resolve(id + "/comm")).strip();
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }
}
