/* Two threads pass a barrier-like function a known number of times for a known time each.
   waiter HITS MICROSECONDS: prints the two thread ids, waits for a line, works, prints for each thread
   the time it measured inside the function itself, waits for another line, ends. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int hits, microseconds;
static long inside[2], tids[2], first[2], last[2];
static pthread_barrier_t ready, go, done, end;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

__attribute__((noinline)) void planted_barrier(int64_t ns) {
    int64_t until = now() + ns;
    while (now() < until) {
    }
    __asm__ volatile("" ::: "memory");
}

static void *work(void *argument) {
    int me = (int)(intptr_t)argument;
    tids[me] = syscall(SYS_gettid);
    pthread_barrier_wait(&ready);
    pthread_barrier_wait(&go);
    first[me] = now();
    for (int i = 0; i < hits; i++) {
        int64_t before = now();
        planted_barrier((me + 1) * microseconds * 1000LL);
        inside[me] += now() - before;
        usleep(50);
    }
    last[me] = now();
    pthread_barrier_wait(&done);
    pthread_barrier_wait(&end);
    return 0;
}

int main(int argc, char **argv) {
    hits = argc > 1 ? atoi(argv[1]) : 100;
    microseconds = argc > 2 ? atoi(argv[2]) : 100;
    pthread_barrier_init(&ready, 0, 3);
    pthread_barrier_init(&go, 0, 3);
    pthread_barrier_init(&done, 0, 3);
    pthread_barrier_init(&end, 0, 3);
    pthread_t threads[2];
    for (intptr_t i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, work, (void *)i);
    pthread_barrier_wait(&ready);
    printf("%ld %ld\n", tids[0], tids[1]);
    fflush(stdout);
    if (getchar() == EOF) return 1;
    pthread_barrier_wait(&go);
    pthread_barrier_wait(&done);
    printf("%ld %ld %ld %ld\n", inside[0], inside[1], first[0] < first[1] ? first[0] : first[1], last[0] > last[1] ? last[0] : last[1]);
    fflush(stdout);
    getchar();
    pthread_barrier_wait(&end);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    return 0;
}
