package dev.hourglass.app.cli;

import java.util.Map;
import java.util.stream.Stream;

/// How environment variables are written for whoever starts a program.
enum VariableFormat {
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

    Stream<String> lines(Map<String, String> variables) {
        return variables.entrySet().stream().map(variable -> line(variable.getKey(), variable.getValue()));
    }
}
