package dev.hourglass.core.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A part of a section.
public sealed interface Block {

    /// A paragraph.
    record Prose(String text) implements Block {}

    /// Numbers side by side.
    record Figures(List<Figure> figures) implements Block {
        public Figures {
            figures = List.copyOf(figures);
        }
    }

    /// A question with its answer.
    ///
    /// @param id stable identifier, for example `q1`
    /// @param status how far it could be answered
    /// @param evidence how the answer was obtained, one statement each
    /// @param query what anyone can run to see the rows behind it
    record Question(
            String id, String question, String answer, Status status, List<String> evidence, Optional<Query> query)
            implements Block {
        /// How far a question could be answered.
        public enum Status {
            ANSWERED("answered"),
            NOT_APPLICABLE("not applicable"),
            NOT_MEASURED("not measured");

            private final String label;

            Status(String label) {
                this.label = label;
            }

            /// In words.
            public String label() {
                return label;
            }

            /// Name in JSON.
            public String key() {
                return label.replace(' ', '_');
            }
        }

        public Question {
            evidence = List.copyOf(evidence);
        }
    }

    /// Something found, with what to do about it.
    ///
    /// @param id the analysis that found it
    /// @param title one sentence with its numbers
    /// @param bound what it says limits the stage, in words; empty where it speaks of none
    /// @param share of the stage's time, 0 to 1; 0 where it is not about time
    /// @param where stage, kernel, layer, request; may be empty
    /// @param remedy what to change, in the engine's own words; may be empty
    /// @param spellings how each engine spells that, where it is not known which one ran; else empty
    /// @param gain what that would bring and how it was estimated; may be empty
    record Finding(
            String id,
            Severity severity,
            String title,
            String bound,
            double share,
            String where,
            String remedy,
            String spellings,
            String gain,
            Optional<Query> evidence)
            implements Block {
        /// How much it matters.
        public enum Severity {
            INFO,
            WARNING,
            CRITICAL;

            /// Name in JSON.
            public String key() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /// Rows of values. A column whose cells are numbers is aligned by the digit.
    ///
    /// @param caption what the rows are; may be empty
    /// @param columns headings
    /// @param rows as many cells as there are columns
    record Table(String caption, List<String> columns, List<List<Cell>> rows) implements Block {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
            for (List<Cell> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException(
                            "a row of " + row.size() + " cells under " + columns.size() + " headings");
                }
            }
        }
    }

    /// A chart with a caption that says what to see in it.
    ///
    /// @param id short and stable, for links and file names: lower case letters and hyphens
    record Plot(String id, Chart chart, String caption) implements Block {
        public Plot {
            if (!id.matches("[a-z0-9-]+")) {
                throw new IllegalArgumentException("a plot's id is lower case letters, digits, hyphens, not " + id);
            }
        }
    }

    /// A remark that stands apart.
    record Note(Tone tone, String title, String text) implements Block {
        /// How loud a note is.
        public enum Tone {
            PLAIN,
            CAUTION,
            SEVERE
        }
    }

    /// What is unknown, with the reasons. It never stands as 0 anywhere.
    record Unknowns(List<Unknown> items) implements Block {
        public Unknowns {
            items = List.copyOf(items);
        }

        /// The items with those joined that are unknown for the same reason.
        List<Unknown> joined() {
            Map<Unknown, List<String>> byReason = new LinkedHashMap<>();
            for (Unknown u : items) {
                byReason.computeIfAbsent(new Unknown("", u.status(), u.reason(), u.how()), r -> new ArrayList<>())
                        .add(u.item());
            }
            return byReason.entrySet().stream()
                    .map(e -> new Unknown(
                            String.join(", ", e.getValue()),
                            e.getKey().status(),
                            e.getKey().reason(),
                            e.getKey().how()))
                    .toList();
        }
    }

    /// One unknown quantity.
    ///
    /// @param status not_measured or not_applicable
    /// @param how what would make it measurable; empty where nothing on the machine would
    record Unknown(String item, String status, String reason, Optional<String> how) {}

    /// A query that can be run on the session.
    ///
    /// @param title what it answers
    /// @param sql text of the query
    record Query(String title, String sql) implements Block {}

    /// Names with values, such as the facts of a run.
    ///
    /// @param title what they are about; may be empty
    record Facts(String title, List<Fact> facts) implements Block {
        public Facts(List<Fact> facts) {
            this("", facts);
        }

        public Facts {
            facts = List.copyOf(facts);
        }
    }

    /// A name with a value.
    record Fact(String name, String value) {}
}
