package dev.hourglass.device.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The TCP ports on which some processes wait for connections, from the kernel's tables. Processes whose open files this
/// user may not see have none here.
public final class ListeningPorts {
    /// `TCP_LISTEN` as the tables write it.
    private static final String LISTENING = "0A";

    private static final String USUAL_RANGE = "32768 60999";
    private static final String SOCKET = "socket:[";
    private static final int INODE_COLUMN = 9;
    /// Open files of a process that are looked at.
    private static final int MOST_FILES = 65_536;

    private ListeningPorts() {}

    /// @return in rising order
    public static Set<Integer> of(KernelFiles files, Set<Long> processes) {
        Set<Integer> ports = new TreeSet<>();
        for (long pid : processes) {
            // The tables of a process are those of its network namespace.
            Map<String, Integer> listening = listening(files, files.process(pid));
            if (!listening.isEmpty()) {
                sockets(files.process(pid).resolve("fd")).forEach(inode -> {
                    Integer port = listening.get(inode);
                    if (port != null) {
                        ports.add(port);
                    }
                });
            }
        }
        return ports;
    }

    /// Whether the kernel gives such ports to whoever asks for any: nobody chose it.
    public static boolean isAnybodys(KernelFiles files, int port) {
        String[] range = files.text(files.proc().resolve("sys/net/ipv4/ip_local_port_range"))
                .orElse(USUAL_RANGE)
                .split("\\s+", -1);
        long from = KernelFiles.parse(range[0]).orElse(Long.MAX_VALUE);
        long to = KernelFiles.parse(range[range.length - 1]).orElse(Long.MIN_VALUE);
        return port >= from && port <= to;
    }

    /// Port by inode.
    private static Map<String, Integer> listening(KernelFiles files, Path process) {
        Map<String, Integer> ports = new HashMap<>();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : files.lines(process.resolve(table))) {
                String[] cells = line.strip().split("\\s+", -1);
                if (cells.length > INODE_COLUMN && cells[3].equals(LISTENING)) {
                    ports.put(cells[INODE_COLUMN], port(cells[1]));
                }
            }
        }
        return ports;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }

    private static Set<String> sockets(Path directory) {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(directory)) {
            for (Path file : open) {
                String target = target(file);
                if (target.startsWith(SOCKET) && inodes.size() < MOST_FILES) {
                    inodes.add(target.substring(SOCKET.length(), target.length() - 1));
                }
            }
        } catch (IOException hidden) {
            return inodes;
        }
        return inodes;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
