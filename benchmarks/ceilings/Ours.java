import dev.hourglass.device.bench.Backend;
import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.cpu.CpuBackend;
import java.util.Arrays;
import java.util.Locale;

/// Samples of one of the product's ceilings, as the C reference prints them. Arguments: ceiling, threads, samples.
public final class Ours {
    public static void main(String[] args) {
        String what = args[0];
        long threads = Long.parseLong(args[1]);
        int samples = Integer.parseInt(args[2]);
        try (Backend backend = new CpuBackend()) {
            Timed timed = backend.ceilings(true).stream()
                    .filter(t -> t.work().axes().getOrDefault("threads", 0L) == threads)
                    .filter(t -> what.equals(t.work().op()) || what.equals(t.work().op() + "_" + t.work().dtype()))
                    .findFirst()
                    .orElseThrow();
            System.err.println(timed.check());
            double amount = what.startsWith("dram") ? timed.work().bytes() : timed.work().flops();
            double[] rates = new double[samples];
            for (int i = 0; i < samples; i++) {
                Sample sample = timed.sample();
                rates[i] = amount / sample.ns();
            }
            Arrays.sort(rates);
            System.out.printf(Locale.ROOT, "%s threads %d best %.2f median %.2f%n", what, threads, rates[samples - 1], rates[samples / 2]);
        }
    }
}
