package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedShiftTest {

    /// The 15 means of pairs (each with itself too), sorted: 1 1.5 2 2 2.5 2.5 3 *3* 3.5 4 5.5 6 6.5 7 10.
    @Test
    void estimateIsTheMedianOfPairwiseMeans() {
        PairedShift shift = PairedShift.of(new double[] {1, 2, 3, 4, 10});
        assertThat(shift.estimate()).isEqualTo(3.0, within(1e-12));
    }

    @Test
    void oneOutlierHardlyMovesIt() {
        double[] quiet = new Random(1).doubles(64, 0.9, 1.1).toArray();
        double[] disturbed = quiet.clone();
        disturbed[10] = 1000;
        assertThat(PairedShift.of(disturbed).estimate())
                .isEqualTo(PairedShift.of(quiet).estimate(), within(0.01));
    }

    /// The share of intervals that cover the truth is their level.
    @Test
    void intervalCoversTheTruthNinetyFiveTimesInAHundred() {
        Random random = new Random(7);
        int covered = 0;
        int runs = 2000;
        for (int run = 0; run < runs; run++) {
            double[] sample =
                    random.doubles(32).map(_ -> 2 + random.nextGaussian()).toArray();
            PairedShift shift = PairedShift.of(sample);
            if (shift.low() <= 2 && 2 <= shift.high()) {
                covered++;
            }
        }
        assertThat(covered / (double) runs).isBetween(0.93, 0.97);
    }

    @Test
    void aSinglePairHasNoSpreadToSpeakOf() {
        PairedShift shift = PairedShift.of(new double[] {0.5});
        assertThat(shift.low()).isEqualTo(0.5);
        assertThat(shift.high()).isEqualTo(0.5);
    }
}
