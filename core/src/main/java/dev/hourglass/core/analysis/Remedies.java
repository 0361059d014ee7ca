package dev.hourglass.core.analysis;

import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Fits remedies to one recording: what it shows to be on is not advised, and what is advised is spelled as the engine
/// that ran spells it.
final class Remedies {
    /// Engines by the names that people know, in the order in which they are listed.
    private static final Map<String, String> NAMES = names();
    /// What its users write in their own code, whichever engine stands above.
    private static final String PYTORCH = "pytorch";
    /// What needs no engine.
    private static final String ANY = "any";
    /// The one that has no PyTorch below it.
    private static final String WITHOUT_PYTORCH = "llama.cpp";

    private static final String NOTHING_LEFT =
            "No setting that is known to help is left; what remains is work to be made smaller.";

    private record Flag(String aim, String engine, String usage) {}

    private final Map<String, String> states = new HashMap<>();
    private final Map<String, String> evidence = new HashMap<>();
    private final List<Flag> flags = new ArrayList<>();
    /// Those that were recorded, PyTorch left out.
    private final Set<String> engines = new LinkedHashSet<>();

    private boolean pytorch;

    private Remedies() {}

    static Remedies of(Session session) {
        Remedies remedies = new Remedies();
        Map<String, Release> releases = remedies.readEngines(session.query(ExplanationQueries.text("engines")));
        remedies.readSettings(session.query(ExplanationQueries.text("settings")));
        remedies.readFlags(session.query(ExplanationQueries.text("flags")), releases);
        return remedies;
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("vllm", "vLLM");
        names.put("sglang", "SGLang");
        names.put("tensorrt-llm", "TensorRT-LLM");
        names.put("ktransformers", "KTransformers");
        names.put("rtp-llm", "RTP-LLM");
        names.put("transformers", "Transformers");
        names.put(WITHOUT_PYTORCH, WITHOUT_PYTORCH);
        names.put(PYTORCH, "PyTorch");
        return names;
    }

    private Map<String, Release> readEngines(Rows rows) {
        Map<String, Release> releases = new HashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            String engine = rows.text(row, "engine", "");
            pytorch |= engine.equals(PYTORCH);
            if (!engine.equals(PYTORCH)) {
                engines.add(engine);
                Release.parse(rows.text(row, "version", "")).ifPresent(v -> releases.put(engine, v));
            }
        }
        pytorch |= engines.stream().anyMatch(engine -> !engine.equals(WITHOUT_PYTORCH));
        return releases;
    }

    private void readSettings(Rows rows) {
        for (int row = 0; row < rows.size(); row++) {
            states.put(rows.text(row, "aim", ""), rows.text(row, "state", ""));
            evidence.put(rows.text(row, "aim", ""), rows.text(row, "evidence", ""));
        }
    }

    /// Those that the recorded release has; those of the newest where no release was recorded.
    private void readFlags(Rows rows, Map<String, Release> releases) {
        for (int row = 0; row < rows.size(); row++) {
            Flag flag = new Flag(rows.text(row, "aim", ""), rows.text(row, "engine", ""), rows.text(row, "usage", ""));
            Optional<Release> since = Release.parse(rows.text(row, "since", ""));
            Optional<Release> until = Release.parse(rows.text(row, "until", ""));
            Release release = releases.get(flag.engine);
            boolean there = release == null
                    ? until.isEmpty()
                    : since.stream().allMatch(s -> s.compareTo(release) <= 0)
                            && until.stream().allMatch(u -> u.compareTo(release) > 0);
            if (there) {
                flags.add(flag);
            }
        }
    }

    boolean isOn(String setting) {
        return "on".equals(states.get(setting));
    }

    /// The remedy of an analysis for this recording.
    Remedy fit(String written) {
        RemedyText text = RemedyText.parse(written);
        List<String> said = new ArrayList<>();
        Set<String> aims = new LinkedHashSet<>();
        boolean advised = false;
        for (RemedyText.Part part : text.parts()) {
            if (isOn(part.setting()) == (part.when() == RemedyText.When.IF)) {
                said.add(spelled(part));
                aims.add(part.aim());
                advised |= part.when() != RemedyText.When.IF;
            } else if (part.when() == RemedyText.When.ADVISED) {
                said.add(evidence.getOrDefault(part.aim(), "") + ".");
            }
        }
        if (!advised && !said.isEmpty()) {
            said.add(NOTHING_LEFT);
        }
        return new Remedy(String.join(" ", said), engines.isEmpty() ? ofAllEngines(aims) : "");
    }

    private String spelled(RemedyText.Part part) {
        String spellings = ofRecorded(part.aim());
        if (spellings.isEmpty()) {
            return part.text();
        }
        int end = firstSentence(part.text());
        return part.text().substring(0, end) + " (" + spellings + ")"
                + part.text().substring(end);
    }

    /// Where the first sentence ends.
    private static int firstSentence(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' && (i + 1 == text.length() || text.charAt(i + 1) == ' ')) {
                return i;
            }
        }
        return text.length();
    }

    private String ofRecorded(String aim) {
        List<String> parts = new ArrayList<>();
        engines.forEach(engine -> of(aim, engine).ifPresent(list -> parts.add(NAMES.get(engine) + ": " + list)));
        if (pytorch && parts.isEmpty()) {
            of(aim, PYTORCH).ifPresent(parts::add);
        }
        of(aim, ANY).ifPresent(parts::add);
        return String.join("; ", parts);
    }

    private Optional<String> of(String aim, String engine) {
        String list = flags.stream()
                .filter(f -> f.aim.equals(aim) && f.engine.equals(engine))
                .map(Flag::usage)
                .collect(Collectors.joining(", "));
        return list.isEmpty() ? Optional.empty() : Optional.of(list);
    }

    private String ofAllEngines(Set<String> aims) {
        List<String> parts = new ArrayList<>();
        NAMES.forEach((engine, name) -> {
            List<String> usages = aims.stream()
                    .flatMap(aim -> of(aim, engine).stream())
                    .distinct()
                    .toList();
            // Where PyTorch ran, its own spellings stand in the text, and no engine without it ran.
            if (!usages.isEmpty()
                    && !(pytorch && List.of(PYTORCH, WITHOUT_PYTORCH).contains(engine))) {
                parts.add(name + ": " + String.join(", ", usages));
            }
        });
        return String.join("; ", parts);
    }
}
