package dev.hourglass.core.analysis;

import java.util.Locale;
import java.util.OptionalDouble;

/// What an analysis found, as a row of its answer tells it.
///
/// @param id the analysis
/// @param severity how much it matters
/// @param title one sentence with its numbers
/// @param bound the bound that it speaks of; [Bound#NONE] where it speaks of none
/// @param stage the stage that it is about; empty where it is about the session
/// @param part of the stage, where an analysis tells several apart; empty where it is about the stage as a whole
/// @param device GPU ordinal, or -1
/// @param share time that it is about, of the stage's time, 0 to 1; 0 where it is not about time
/// @param timeNs that time over all judged steps of the stage
/// @param stakeNs by what it is ranked: the time that could be won at most. Time in which the GPU is
///     busy counts in part, because it can be shortened but not removed
/// @param evidenceSql a query that anyone can run again on the session
/// @param remedy what to change, as far as the recording does not show that it is done, in the words of the engine
/// that
///     was recorded
/// @param spellings how each engine spells that; empty where the recording tells which one ran
/// @param gain estimated saving, of the stage's time, 0 to 1; empty where none was estimated
/// @param gainMethod how it was estimated
public record Finding(
        String id,
        Severity severity,
        String title,
        Bound bound,
        String stage,
        String part,
        long device,
        double share,
        double timeNs,
        double stakeNs,
        String evidenceSql,
        String remedy,
        String spellings,
        OptionalDouble gain,
        String gainMethod) {

    /// How much a finding matters.
    public enum Severity {
        INFO,
        WARNING,
        CRITICAL;

        /// Name in SQL and JSON.
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Severity of(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }

    Finding softened() {
        return severity == Severity.INFO ? this : with(Severity.INFO, title, bound, remedy);
    }

    /// With a bound that something else than the analysis tells.
    Finding told(Bound inferred, String how) {
        return with(severity, title + how, inferred, AnalysisLibrary.find(id).remedy(inferred.key()));
    }

    /// With a remedy that fits the recording.
    Finding advised(Remedy fit) {
        return new Finding(
                id,
                severity,
                title,
                bound,
                stage,
                part,
                device,
                share,
                timeNs,
                stakeNs,
                evidenceSql,
                fit.text(),
                fit.spellings(),
                gain,
                gainMethod);
    }

    /// Ranked by another time.
    Finding atStake(double ns) {
        return new Finding(
                id,
                severity,
                title,
                bound,
                stage,
                part,
                device,
                share,
                timeNs,
                ns,
                evidenceSql,
                remedy,
                spellings,
                gain,
                gainMethod);
    }

    /// With another saving.
    Finding gains(double saved) {
        return new Finding(
                id,
                severity,
                title,
                bound,
                stage,
                part,
                device,
                share,
                timeNs,
                stakeNs,
                evidenceSql,
                remedy,
                spellings,
                OptionalDouble.of(saved),
                gainMethod + "; no more than what the findings before it leave");
    }

    private Finding with(Severity severity, String title, Bound bound, String remedy) {
        return new Finding(
                id,
                severity,
                title,
                bound,
                stage,
                part,
                device,
                share,
                timeNs,
                stakeNs,
                evidenceSql,
                remedy,
                spellings,
                gain,
                gainMethod);
    }
}
