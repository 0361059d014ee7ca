package dev.hourglass.device.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.device.ffi.posix.Posix;
import dev.hourglass.device.host.HostInfo;
import dev.hourglass.device.host.KernelFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ContentionTest {
    private static final long SECOND = 1_000_000_000L;

    private Contention contention = new Contention(0, SECOND);

    private void thread(long tid, long run, long queued, long involuntary) {
        try (RowWriter rows = new RowWriter(Tables.THREAD_SAMPLE, contention)) {
            rows.set("ts", 0L)
                    .set("dur", SECOND)
                    .set("tid", tid)
                    .set("run_ns", run)
                    .set("wait_ns", queued);
            rows.set("involuntary_switches", involuntary).end();
        }
    }

    private void machine(long others, double steal) {
        try (RowWriter rows = new RowWriter(Tables.PROCESS_SAMPLE, contention)) {
            rows.set("ts", 0L).set("dur", SECOND).set("others_cpu_ns", others).end();
        }
        try (RowWriter rows = new RowWriter(Tables.CORE_SAMPLE, contention)) {
            for (long core = 0; core < 4; core++) {
                rows.set("ts", 0L)
                        .set("dur", SECOND)
                        .set("core", core)
                        .set("steal_ratio", steal)
                        .end();
            }
        }
    }

    @Test
    void quietMachine() {
        thread(1, SECOND, 1000, 3);
        thread(2, SECOND / 1000, SECOND / 1000, 0);
        machine(SECOND / 10, 0);
        Contention.Verdict verdict = contention.judge();
        assertThat(verdict.level()).isEqualTo(Contention.Level.NONE);
        assertThat(verdict.othersRatio()).isEqualTo(0.025);
        assertThat(verdict.recorderRatio()).isZero();
        assertThat(verdict.involuntaryPerSecond()).isEqualTo(3.0);
        assertThat(verdict.reason()).contains("1 computing thread").contains("2.50 %");
    }

    @Test
    void queueingThreads() {
        thread(1, SECOND * 9 / 10, SECOND / 20, 100);
        machine(0, 0);
        assertThat(contention.judge().level()).isEqualTo(Contention.Level.SOME);
        thread(2, SECOND / 2, SECOND / 2, 100);
        Contention.Verdict verdict = contention.judge();
        assertThat(verdict.level()).isEqualTo(Contention.Level.SEVERE);
        assertThat(verdict.reason()).startsWith("A CPU quota, an affinity mask or bursts of other work disturbed");
        assertThat(verdict.waitRatio()).isEqualTo(0.55 / 1.95, org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void threadsOnEveryCoreLeaveNoneForWorkBesideThem() {
        machine(0, 0);
        for (int tid = 1; tid <= 4; tid++) {
            thread(tid, SECOND * 9 / 10, SECOND / 10, 100);
        }
        assertThat(contention.judge().reason()).startsWith("Work beside it, with no core left free for it, disturbed");
        thread(5, SECOND * 9 / 10, SECOND / 10, 100);
        assertThat(contention.judge().reason())
                .startsWith("The engine's own threads, too many for the CPUs, disturbed");
    }

    @Test
    void stealAndOthers() {
        thread(1, SECOND, 0, 0);
        machine(SECOND, 0);
        assertThat(contention.judge().reason()).startsWith("Other work disturbed");
        assertThat(contention.judge().level()).isEqualTo(Contention.Level.SOME);
        machine(0, 0.5);
        assertThat(contention.judge().level()).isEqualTo(Contention.Level.SEVERE);
    }

    @Test
    void spanAndThreadsAreRespected() {
        thread(1, SECOND / 2, SECOND / 2, 0);
        thread(2, SECOND, 0, 0);
        machine(0, 0);
        assertThat(contention.judge(Set.of(2L)).level()).isEqualTo(Contention.Level.NONE);
        assertThat(contention.judge(Set.of(1L)).level()).isEqualTo(Contention.Level.SEVERE);
    }

    @Test
    void samplesOutsideTheSpanDoNotCount() {
        Contention later = new Contention(2 * SECOND, 3 * SECOND);
        contention = later;
        thread(1, SECOND / 2, SECOND / 2, 0);
        machine(0, 0.5);
        assertThat(later.judge().reason()).startsWith("Contention is not known");
    }

    @Test
    void twoThreadsOnOneCoreDisturbEachOther() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicBoolean pinned = new AtomicBoolean(true);
        int cpu = HostInfo.online(KernelFiles.system()).iterator().next();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(Thread.ofPlatform().name("hg-pinned").start(() -> {
                pinned.compareAndSet(true, Posix.pin(Set.of(cpu)));
                while (!stop.get()) {
                    Thread.onSpinWait();
                }
            }));
        }
        RowList rows = new RowList();
        contention = new Contention(System.nanoTime(), Long.MAX_VALUE);
        ThreadCollector collector = new ThreadCollector(ProcessHandle.current().pid());
        try (collector) {
            Thread.sleep(50);
            collector.sample(rows);
            Thread.sleep(600);
            collector.sample(batch -> {
                rows.accept(batch);
                contention.accept(batch);
            });
        } finally {
            stop.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assumeTrue(pinned.get(), "sched_setaffinity to CPU " + cpu + " is allowed");
        List<Long> tids = rows.of("thread_sample").stream()
                .filter(row -> "hg-pinned".equals(row.get("name")))
                .map(row -> (Long) row.get("tid"))
                .distinct()
                .toList();
        assertThat(tids).hasSize(2);
        Contention.Verdict verdict = contention.judge(tids);
        assertThat(verdict.waitRatio()).isBetween(0.40, 0.95);
        assertThat(verdict.level()).isEqualTo(Contention.Level.SEVERE);
    }
}
