package dev.hourglass.core.read.chrome;

/// The way past one JSON value that is longer than any buffer, stretch by stretch.
final class Passage {
    private int depth;
    private boolean begun;
    private boolean inText;
    private boolean escaped;
    private boolean over;

    /// Goes on in a stretch of the content.
    ///
    /// @return where the value ends in it, or its end
    int go(byte[] buffer, int from, int to) {
        int p = from;
        while (p < to && !over) {
            p += inText ? text(buffer[p]) : outside(buffer[p]);
        }
        return p;
    }

    /// Whether the value ended.
    boolean isOver() {
        return over;
    }

    private int text(byte c) {
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = true;
        } else if (c == '"') {
            inText = false;
            over = depth == 0;
        }
        return 1;
    }

    /// @return 0 where the byte no longer belongs to the value
    private int outside(byte c) {
        boolean opens = c == '{' || c == '[';
        boolean closes = c == '}' || c == ']';
        boolean behind = depth == 0 && (closes || c == ',' || (begun && (opens || c == '"')));
        if (behind) {
            over = true;
            return 0;
        }
        inText = c == '"';
        depth += opens ? 1 : closes ? -1 : 0;
        over = closes && depth == 0;
        begun |= c > ' ';
        return 1;
    }
}
