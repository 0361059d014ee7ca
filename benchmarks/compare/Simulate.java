import dev.hourglass.core.stat.Shift;
import dev.hourglass.core.stat.Statistic;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/// Simulated runs of which the truth is known, judged as `compare` judges runs.
///
/// Arguments: pairs of sides per row (4000 if not given), and a seed (1 if not given).
public final class Simulate {
    private static final double LEVEL = 1000;

    /// How steps scatter around their mean of 1000 µs.
    private enum Shape {
        NORMAL,
        /// Skewed to the right, as latencies are.
        LOGNORMAL,
        /// One step in fifty takes a third longer, as on a machine that others use.
        OUTLIERS;

        double of(double z, double cv, SplittableRandom random) {
            return switch (this) {
                case NORMAL -> 1 + cv * z;
                case LOGNORMAL -> Math.exp(cv * z);
                case OUTLIERS -> 1 + cv * z + (random.nextInt(50) == 0 ? 0.33 : 0);
            };
        }
    }

    /// @param rho of a first-order autoregression; 0 for independent steps
    /// @param runs how far runs scatter, as a share of their level
    /// @param perSide runs a side
    private record Case(String name, Shape shape, int n, double cv, double rho, double runs, int perSide) {
        List<double[]> side(double factor, SplittableRandom random) {
            List<double[]> side = new ArrayList<>();
            for (int r = 0; r < perSide; r++) {
                double own = LEVEL * factor * (1 + runs * random.nextGaussian());
                double[] run = new double[n];
                double z = random.nextGaussian();
                for (int i = 0; i < n; i++) {
                    run[i] = own * shape.of(z, cv, random);
                    z = rho * z + Math.sqrt(1 - rho * rho) * random.nextGaussian();
                }
                side.add(run);
            }
            return side;
        }
    }

    /// What was said of pairs whose true difference is known.
    private static final class Tally {
        private final double truth;
        private int pairs;
        private int told;
        private int same;
        private int bounded;
        private int covered;

        Tally(double truth) {
            this.truth = truth;
        }

        void add(Shift shift) {
            boolean whole = Double.isFinite(shift.high() - shift.low());
            pairs++;
            told += shift.verdict() == Shift.Verdict.WORSE || shift.verdict() == Shift.Verdict.BETTER ? 1 : 0;
            same += shift.verdict() == Shift.Verdict.SAME ? 1 : 0;
            bounded += whole ? 1 : 0;
            covered += whole && shift.low() <= truth && truth <= shift.high() ? 1 : 0;
        }

        /// Coverage is of the intervals that have two ends, where there are enough of them to tell.
        String line() {
            return String.format(
                    Locale.ROOT,
                    "%5.1f %%  %s  %5.1f %%  %5.1f %%",
                    100.0 * told / pairs,
                    bounded * 20 < pairs ? "      –" : String.format(Locale.ROOT, "%5.1f %%", 100.0 * covered / bounded),
                    100.0 * same / pairs,
                    100.0 * (pairs - bounded) / pairs);
        }
    }

    public static void main(String[] args) {
        int pairs = args.length > 0 ? Integer.parseInt(args[0]) : 4000;
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        System.out.println("false alarms and coverage: the same work on both sides");
        System.out.println("steps                  runs  n     metric   told  covered   SAME   no interval");
        for (Case c : cases()) {
            show(c, 1, pairs, seed);
        }
        System.out.println("power: the candidate is 3 % slower");
        for (Case c : List.of(
                new Case("independent, cv 5 %", Shape.NORMAL, 100, 0.05, 0, 0, 1),
                new Case("lognormal, cv 5 %", Shape.LOGNORMAL, 100, 0.05, 0, 0, 1),
                new Case("independent, cv 5 %", Shape.NORMAL, 400, 0.05, 0, 0, 1),
                new Case("AR(1) 0.9, cv 5 %", Shape.NORMAL, 3000, 0.05, 0.9, 0, 1),
                new Case("runs 0.5 %, cv 5 %", Shape.NORMAL, 100, 0.05, 0, 0.005, 5))) {
            show(c, 1.03, pairs, seed);
        }
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int n : new int[] {10, 30, 100, 400, 1000}) {
            cases.add(new Case("independent, cv 5 %", Shape.NORMAL, n, 0.05, 0, 0, 1));
        }
        for (int n : new int[] {30, 100, 300, 1000, 3000}) {
            cases.add(new Case("AR(1) 0.9, cv 5 %", Shape.NORMAL, n, 0.05, 0.9, 0, 1));
        }
        cases.add(new Case("AR(1) 0.5, cv 5 %", Shape.NORMAL, 30, 0.05, 0.5, 0, 1));
        cases.add(new Case("AR(1) 0.5, cv 5 %", Shape.NORMAL, 100, 0.05, 0.5, 0, 1));
        cases.add(new Case("AR(1) 0.98, cv 5 %", Shape.NORMAL, 1000, 0.05, 0.98, 0, 1));
        cases.add(new Case("lognormal, cv 30 %", Shape.LOGNORMAL, 100, 0.3, 0, 0, 1));
        cases.add(new Case("outliers, AR(1) 0.9", Shape.OUTLIERS, 300, 0.05, 0.9, 0, 1));
        for (int k : new int[] {2, 3, 5}) {
            cases.add(new Case("runs 2 %, cv 5 %", Shape.NORMAL, 100, 0.05, 0, 0.02, k));
        }
        cases.add(new Case("runs 2 %, AR(1) 0.9", Shape.NORMAL, 300, 0.05, 0.9, 0.02, 3));
        return cases;
    }

    private static void show(Case c, double factor, int pairs, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Statistic, Tally> tallies = new EnumMap<>(Statistic.class);
        for (Statistic s : Statistic.values()) {
            tallies.put(s, new Tally((factor - 1) * truth(c, s)));
        }
        for (int i = 0; i < pairs; i++) {
            List<double[]> base = c.side(1, random);
            List<double[]> candidate = c.side(factor, random);
            tallies.forEach((s, t) -> t.add(Shift.of(base, candidate, s, Shift.TOLERANCE)));
        }
        tallies.forEach((s, t) -> System.out.printf(
                Locale.ROOT, "%-22s %2d  %5d   %-6s %s%n", c.name(), c.perSide(), c.n(), s.key(), t.line()));
    }

    /// The figure of the base, from a very long run.
    private static double truth(Case c, Statistic s) {
        Case one = new Case(c.name(), c.shape(), 400_000, c.cv(), 0, 0, 1);
        return s.of(one.side(1, new SplittableRandom(7)).getFirst());
    }
}
