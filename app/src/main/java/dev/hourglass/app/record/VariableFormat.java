package dev.hourglass.app.record;

import java.util.Map;
import java.util.stream.Stream;

/// How environment variables are written for whoever starts a program.
public enum VariableFormat {
    SHELL {
        @Override
        String line(String name, String value) {
            return "export " + name + "='" + value.replace("'", "'\\''") + "'";
        }
    },
    DOCKER {
        @Override
        String line(String name, String value) {
            return "--env '" + name + "=" + value.replace("'", "'\\''") + "'";
        }
    },
    SYSTEMD {
        @Override
        String line(String name, String value) {
            return "Environment=\"" + name + "="
                    + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%") + "\"";
        }
    },
    KUBERNETES {
        @Override
        String line(String name, String value) {
            return "- {name: " + name + ", value: \""
                    + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}";
        }
    };

    abstract String line(String name, String value);

    /// One line for each variable.
    public Stream<String> lines(Map<String, String> variables) {
        return variables.entrySet().stream().map(variable -> line(variable.getKey(), variable.getValue()));
    }
}
