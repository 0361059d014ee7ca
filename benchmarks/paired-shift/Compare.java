import dev.hourglass.core.stat.PairedShift;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/// The shift of paired differences beside its definition, which lists and sorts the means of all pairs.
///
/// Arguments: numbers of pairs. Of 20,000 pairs the definition lists 1.6 GB of means; beyond, it is left out.
public final class Compare {
    private static final int MOST_LISTED = 20_000;
    private static final int ROUNDS = 3;

    /// A shift, and the best time that it took.
    private record Timed(PairedShift shift, double seconds) {}

    private interface Way {
        PairedShift of(double[] differences);
    }

    public static void main(String[] args) {
        warmUp();
        System.out.println("pairs  kind  selected [ms]  listed [ms]  ratio");
        for (String arg : args) {
            int n = Integer.parseInt(arg);
            Random random = new Random(n);
            show(n, "free", random.doubles(n, -1, 1).toArray());
            show(n, "tied", random.doubles(n, -20, 20).map(Math::rint).toArray());
        }
    }

    private static void warmUp() {
        double[] few = new Random(0).doubles(2000).toArray();
        for (int i = 0; i < 20; i++) {
            PairedShift.of(few);
            listed(few);
        }
    }

    private static void show(int n, String kind, double[] differences) {
        Timed selected = best(PairedShift::of, differences);
        if (n > MOST_LISTED) {
            System.out.printf(Locale.ROOT, "%d  %s  %.3f  not run  -%n", n, kind, 1e3 * selected.seconds());
            return;
        }
        Timed listed = best(Compare::listed, differences);
        if (!listed.shift().equals(selected.shift())) {
            throw new IllegalStateException(n + " pairs: " + selected.shift() + " is not " + listed.shift());
        }
        System.out.printf(
                Locale.ROOT,
                "%d  %s  %.3f  %.3f  %.1f%n",
                n,
                kind,
                1e3 * selected.seconds(),
                1e3 * listed.seconds(),
                listed.seconds() / selected.seconds());
    }

    private static Timed best(Way way, double[] differences) {
        PairedShift shift = way.of(differences);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long from = System.nanoTime();
            shift = way.of(differences);
            best = Math.min(best, (System.nanoTime() - from) / 1e9);
        }
        return new Timed(shift, best);
    }

    private static PairedShift listed(double[] differences) {
        int n = differences.length;
        double[] means = new double[Math.toIntExact(n * (n + 1L) / 2)];
        int k = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                means[k++] = (differences[i] + differences[j]) / 2 + 0.0;
            }
        }
        Arrays.sort(means);
        double spread = 1.959963984540054 * Math.sqrt(n * (n + 1.0) * (2 * n + 1.0) / 24);
        int cut = Math.clamp((long) Math.floor(n * (n + 1.0) / 4 - spread), 0, (means.length - 1) / 2);
        double median = (means[(means.length - 1) / 2] + means[means.length / 2]) / 2;
        return new PairedShift(median, means[cut], means[means.length - 1 - cut]);
    }
}
