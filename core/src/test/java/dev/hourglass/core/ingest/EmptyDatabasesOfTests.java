package dev.hourglass.core.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/// Makes the empty databases of this build once, before the first test: a test that imports something then begins with
/// a copy, as an image does, and does not plan every view again.
public final class EmptyDatabasesOfTests implements LauncherSessionListener {
    public EmptyDatabasesOfTests() {}

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        String directory = System.getProperty(EmptyDatabase.PROPERTY, "");
        if (directory.isEmpty()) {
            return;
        }
        try {
            EmptyDatabase.write(Files.createDirectories(Path.of(directory)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
