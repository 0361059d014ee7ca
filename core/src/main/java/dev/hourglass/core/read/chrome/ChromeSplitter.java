package dev.hourglass.core.read.chrome;

/// Finds where an event seems to begin, without knowing what stands before.
///
/// A guess: behind a brace and a comma, a brace and one of the keys that begin events. Whoever starts
/// at a guess has to compare it with where the events before it really end.
final class ChromeSplitter {
    private static final String[] FIRST_KEYS = {
        "\"ph\"", "\"name\"", "\"cat\"", "\"ts\"", "\"pid\"", "\"args\"", "\"id\"", "\"tid\"", "\"dur\""
    };

    private ChromeSplitter() {}

    /// The position of the brace that seems to open the next event at or behind `from`, or -1 where
    /// none is found before `limit`.
    static int nextEvent(byte[] buffer, int from, int limit) {
        for (int p = Math.max(from, 0); p < limit; p++) {
            if (buffer[p] != '{' || !keyFollows(buffer, p + 1, limit)) {
                continue;
            }
            int comma = back(buffer, p - 1);
            if (comma >= 0 && buffer[comma] == ',') {
                int brace = back(buffer, comma - 1);
                if (brace >= 0 && buffer[brace] == '}') {
                    return p;
                }
            }
        }
        return -1;
    }

    /// The position of the bracket that seems to close the list of events, at or behind `from`: behind an object's
    /// brace, before the end of the content, another member or the outer object's brace. -1 where there is none.
    static int endOfList(byte[] buffer, int from, int limit) {
        for (int p = Math.max(from, 0); p < limit; p++) {
            if (buffer[p] != ']') {
                continue;
            }
            int brace = back(buffer, p - 1);
            int behind = ahead(buffer, p + 1, limit);
            boolean ends = behind == limit
                    || buffer[behind] == '}'
                    || (buffer[behind] == ',' && quoteAt(buffer, ahead(buffer, behind + 1, limit), limit));
            if (brace >= from && buffer[brace] == '}' && ends) {
                return p;
            }
        }
        return -1;
    }

    private static boolean quoteAt(byte[] buffer, int at, int limit) {
        return at < limit && buffer[at] == '"';
    }

    private static int ahead(byte[] buffer, int from, int limit) {
        int p = from;
        while (p < limit && buffer[p] <= ' ' && buffer[p] >= 0) {
            p++;
        }
        return p;
    }

    private static int back(byte[] buffer, int from) {
        int p = from;
        while (p >= 0 && buffer[p] <= ' ' && buffer[p] >= 0) {
            p--;
        }
        return p;
    }

    private static boolean keyFollows(byte[] buffer, int from, int limit) {
        int p = ahead(buffer, from, limit);
        for (String key : FIRST_KEYS) {
            if (matches(buffer, p, limit, key)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] buffer, int at, int limit, String ascii) {
        if (at + ascii.length() > limit) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (buffer[at + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
