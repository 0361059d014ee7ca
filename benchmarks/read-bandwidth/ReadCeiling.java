import dev.hourglass.device.bench.Ceiling;
import dev.hourglass.device.bench.ReadBandwidth;
import java.time.Duration;

/// Prints the product's ceilings in the words of the C reference.
public final class ReadCeiling {
    private ReadCeiling() {}

    public static void main(String[] args) throws InterruptedException {
        int threads = Integer.parseInt(args[0]);
        Duration time = Duration.ofMillis(1500);
        Ceiling c = (args[1].equals("dram") ? ReadBandwidth.dram(threads, time) : ReadBandwidth.lastLevelCache(threads, time))
                .orElseThrow();
        System.out.printf(
                "java %d threads: best %.2f GB/s, median %.2f GB/s, n %d%n", threads, c.value() / 1e9, c.median() / 1e9, c.n());
    }
}
