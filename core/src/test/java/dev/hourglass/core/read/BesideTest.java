package dev.hourglass.core.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BesideTest {
    @Test
    void runsBesideItsMakerAndIsWaitedFor() {
        CountDownLatch meanwhile = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        try (Beside beside = Beside.start("task", () -> {
            await(meanwhile);
            ended.set(true);
        })) {
            assertThat(ended).isFalse();
            meanwhile.countDown();
            beside.join();
            assertThat(ended).isTrue();
        }
    }

    @Test
    void throwsWhatTheTaskFailedWith() {
        IllegalStateException failure = new IllegalStateException("disk full");
        try (Beside beside = Beside.start("task", () -> {
            throw failure;
        })) {
            assertThatThrownBy(beside::join).isSameAs(failure);
        }
        Error error = new OutOfMemoryError("planted");
        try (Beside beside = Beside.start("task", () -> {
            throw error;
        })) {
            assertThatThrownBy(beside::join).isSameAs(error);
        }
    }

    @Test
    void isWaitedForWhenItsMakerFails() {
        AtomicBoolean ended = new AtomicBoolean();
        assertThatThrownBy(() -> {
                    try (Beside _ = Beside.start("task", () -> {
                        LockSupport.parkNanos(50_000_000);
                        ended.set(true);
                    })) {
                        throw new IllegalArgumentException("the maker");
                    }
                })
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ended).isTrue();
    }

    @Test
    void isWaitedForByAThreadThatIsInterrupted() {
        AtomicBoolean ended = new AtomicBoolean();
        try (Beside beside = Beside.start("task", () -> {
            LockSupport.parkNanos(50_000_000);
            ended.set(true);
        })) {
            Thread.currentThread().interrupt();
            beside.join();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
