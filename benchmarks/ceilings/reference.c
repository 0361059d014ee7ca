// What a C compiler reaches: multiply-adds by intrinsics, and read, copy and triad over arrays of floats.
// usage: reference WHAT THREADS MIB_PER_THREAD SAMPLES ; WHAT is fma_fp32, fma_fp64, dram_read, dram_copy, dram_triad
#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define WINDOW (8L << 20)
#if defined(__AVX512F__)
#define CHAINS 28
typedef __m512 vf;
typedef __m512d vd;
#define SETF _mm512_set1_ps
#define SETD _mm512_set1_pd
#define FMAF _mm512_fmadd_ps
#define FMAD _mm512_fmadd_pd
#else
#define CHAINS 12
typedef __m256 vf;
typedef __m256d vd;
#define SETF _mm256_set1_ps
#define SETD _mm256_set1_pd
#define FMAF _mm256_fmadd_ps
#define FMAD _mm256_fmadd_pd
#endif
#define LANES ((int)(sizeof(vf) / 4))

static const char *what;
static int threads, samples;
static long slice;
static atomic_long arrived;
static double *starts, *ends;
static volatile float sink;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

// Named one by one, so that each stays in a register whatever the compiler thinks of arrays.
#define EACH12(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define EACH28(X) EACH12(X) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27)
#if CHAINS == 28
#define EACH EACH28
#else
#define EACH EACH12
#endif

static void fma_floats(long n) {
    vf a = SETF(0.999f), b = SETF(0.0015f);
#define MAKE(i) vf s##i = SETF(0.5f + i * 0.05f);
    EACH(MAKE)
#undef MAKE
    for (long r = 0; r < n; r++) {
#define STEP(i) s##i = FMAF(s##i, a, b);
        EACH(STEP)
#undef STEP
        // Keeps the loop as it is; no register is written to memory.
        __asm__ volatile("" : "+x"(s0));
    }
#define SUM(i) sink += ((float *)&s##i)[0];
    EACH(SUM)
#undef SUM
}

static void fma_doubles(long n) {
    vd a = SETD(0.999), b = SETD(0.0015);
#define MAKE(i) vd s##i = SETD(0.5 + i * 0.05);
    EACH(MAKE)
#undef MAKE
    for (long r = 0; r < n; r++) {
#define STEP(i) s##i = FMAD(s##i, a, b);
        EACH(STEP)
#undef STEP
        __asm__ volatile("" : "+x"(s0));
    }
#define SUM(i) sink += (float)((double *)&s##i)[0];
    EACH(SUM)
#undef SUM
}

static void work(const char *data, long round, long n) {
    if (!strncmp(what, "fma", 3)) {
        strcmp(what, "fma_fp32") ? fma_doubles(n) : fma_floats(n);
        return;
    }
    int arrays = !strcmp(what, "dram_read") ? 1 : !strcmp(what, "dram_copy") ? 2 : 3;
    long each = slice / arrays / WINDOW * WINDOW, at = round * WINDOW % each, count = WINDOW / 4;
    const float *a = (const float *)(data + at);
    if (arrays == 1) {
        float s[64] = {0};
        for (long i = 0; i < count; i += 64)
            for (int j = 0; j < 64; j++) s[j] += a[i + j];
        for (int j = 0; j < 64; j++) sink += s[j];
    } else if (arrays == 2) {
        float *restrict b = (float *)(data + each + at);
        for (long i = 0; i < count; i++) b[i] = a[i];
        __asm__ volatile("" ::: "memory");
    } else {
        const float *b = (const float *)(data + each + at);
        float *restrict c = (float *)(data + 2 * each + at);
        for (long i = 0; i < count; i++) c[i] = a[i] + 0.4f * b[i];
        __asm__ volatile("" ::: "memory");
    }
}

static long iterations = 1 << 15;

static void *run(void *argument) {
    long me = (long)argument;
    char *data = mmap(0, slice, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(data, slice, MADV_HUGEPAGE);
    if (strncmp(what, "fma", 3)) {
        srand48(me);
        for (long i = 0; i < 1 << 18; i++) ((float *)data)[i] = 0.5f + drand48();
        for (long at = 1 << 20; at + (1 << 20) <= slice; at += 1 << 20) memcpy(data + at, data, 1 << 20);
    }
    for (int r = 0; r < samples; r++) {
        atomic_fetch_add(&arrived, 1);
        for (long spins = 0; atomic_load(&arrived) < (long)threads * (r + 1); spins++)
            if (spins > 20000) sched_yield();
        starts[me * samples + r] = now();
        work(data, r, iterations);
        ends[me * samples + r] = now();
    }
    return 0;
}

static int by_value(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

int main(int argc, char **argv) {
    (void)argc;
    what = argv[1], threads = atoi(argv[2]), slice = atol(argv[3]) << 20, samples = atoi(argv[4]);
    starts = malloc(sizeof(double) * threads * samples), ends = malloc(sizeof(double) * threads * samples);
    pthread_t team[256];
    for (long i = 0; i < threads; i++) pthread_create(&team[i], 0, run, (void *)i);
    for (int i = 0; i < threads; i++) pthread_join(team[i], 0);
    double *rates = malloc(sizeof(double) * samples);
    double amount = !strcmp(what, "fma_fp32") ? 2.0 * CHAINS * LANES * iterations
        : !strcmp(what, "fma_fp64")          ? 1.0 * CHAINS * LANES * iterations
        : !strcmp(what, "dram_read")         ? 1.0 * WINDOW
        : !strcmp(what, "dram_copy")         ? 2.0 * WINDOW
                                             : 3.0 * WINDOW;
    for (int r = 0; r < samples; r++) {
        double first = 1e300, last = 0;
        for (int i = 0; i < threads; i++) {
            if (starts[i * samples + r] < first) first = starts[i * samples + r];
            if (ends[i * samples + r] > last) last = ends[i * samples + r];
        }
        rates[r] = amount * threads / (last - first);
    }
    qsort(rates, samples, sizeof(double), by_value);
    printf("%s threads %d best %.2f median %.2f\n", what, threads, rates[samples - 1], rates[samples / 2]);
    return 0;
}
