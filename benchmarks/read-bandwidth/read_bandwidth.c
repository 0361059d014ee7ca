/* Reference for the ceiling dram_read: the same pieces, read with AVX2 loads compiled by gcc.
   read_bandwidth THREADS BYTES_PER_THREAD WINDOW QUANTA: best and median over the quanta. */
#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sched.h>
#include <sys/mman.h>


static int threads, quanta;
static size_t slice, window;
static atomic_long arrived;
static int64_t *starts, *ends;
static volatile uint64_t sink;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void meet(long target) {
    atomic_fetch_add(&arrived, 1);
    for (long spins = 0; atomic_load_explicit(&arrived, memory_order_acquire) < target; spins++)
        if (spins > 10000) sched_yield(); else _mm_pause();
}

static uint64_t sum(const char *p, size_t n) {
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (size_t i = 0; i < n; i += 128) {
        a = _mm256_add_epi64(a, _mm256_load_si256((const __m256i *)(p + i)));
        b = _mm256_add_epi64(b, _mm256_load_si256((const __m256i *)(p + i + 32)));
        c = _mm256_add_epi64(c, _mm256_load_si256((const __m256i *)(p + i + 64)));
        d = _mm256_add_epi64(d, _mm256_load_si256((const __m256i *)(p + i + 96)));
    }
    a = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d));
    return (uint64_t)(_mm256_extract_epi64(a, 0) + _mm256_extract_epi64(a, 1) + _mm256_extract_epi64(a, 2) + _mm256_extract_epi64(a, 3));
}

static void *run(void *arg) {
    int me = (int)(intptr_t)arg;
    char *p = mmap(0, slice, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) { perror("mmap"); exit(1); }
    madvise(p, slice, MADV_HUGEPAGE);
    uint64_t x = 88172645463325252ULL + me;
    for (size_t i = 0; i < slice; i += 8) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; memcpy(p + i, &x, 8); }
    uint64_t total = 0;
    size_t at = 0;
    for (int q = 0; q < quanta; q++) {
        meet((long)threads * (q + 1));
        starts[(size_t)q * threads + me] = now();
        total += sum(p + at, window);
        ends[(size_t)q * threads + me] = now();
        at = (at + window) % slice;
    }
    sink = total;
    return 0;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "usage: %s THREADS BYTES_PER_THREAD WINDOW QUANTA\n", argv[0]); return 2; }
    threads = atoi(argv[1]); slice = strtoull(argv[2], 0, 10); window = strtoull(argv[3], 0, 10); quanta = atoi(argv[4]);
    starts = calloc((size_t)quanta * threads, 8); ends = calloc((size_t)quanta * threads, 8);
    pthread_t *t = calloc(threads, sizeof *t);
    for (int i = 0; i < threads; i++) pthread_create(&t[i], 0, run, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++) pthread_join(t[i], 0);
    double *rate = calloc(quanta, sizeof *rate);
    for (int q = 0; q < quanta; q++) {
        int64_t first = INT64_MAX, last = 0;
        for (int i = 0; i < threads; i++) {
            int64_t s = starts[(size_t)q * threads + i], e = ends[(size_t)q * threads + i];
            if (s < first) first = s;
            if (e > last) last = e;
        }
        rate[q] = (double)window * threads / (double)(last - first);
    }
    qsort(rate, quanta, sizeof *rate, ascending);
    printf("c %d threads: best %.2f GB/s, median %.2f GB/s, n %d\n", threads, rate[quanta - 1], rate[quanta / 2], quanta);
    return 0;
}
