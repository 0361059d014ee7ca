/* A library with CUPTI's calls for tests: `fake_launch` makes records as a GPU would, in the layouts of the version that
 * FAKE_CUPTI_VERSION names (26: CUDA 12.8, 130001: CUDA 13.0, 130500: CUDA 13.5), and hands filled buffers back from a thread
 * of its own. FAKE_CUPTI_ERROR is what cuptiActivityEnable answers, for the kind FAKE_CUPTI_ERROR_KIND alone where it is set.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>

typedef void (*requested_t)(uint8_t **, size_t *, size_t *);
typedef void (*completed_t)(void *, uint32_t, uint8_t *, size_t, size_t);

static requested_t requested;
static completed_t completed;
static uint8_t *buffer;
static size_t size, used;
static size_t dropped;
static uint32_t correlation;
static int kinds[64], runtime_calls[512], driver_calls[1024];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const NAMES[] = {"_ZN2at6native18elementwise_kernelILi128ELi4EEEvi", "ampere_bf16_s16816gemm_bf16_128x128", "triton_poi_fused_0"};

static uint32_t version(void) {
    const char *text = getenv("FAKE_CUPTI_VERSION");
    return text ? (uint32_t)atoi(text) : 130001;
}

static size_t size_of(uint32_t kind) {
    uint32_t v = version();
    switch (kind) {
        case 1: return v >= 130500 ? 112 : v >= 26 ? 96 : 88;
        case 2: return v >= 130500 ? 104 : 88;
        case 3: case 10: return v >= 130500 ? 248 : v >= 130000 ? 216 : 208;
        case 4: case 5: return 40;
        case 17: return 56;
        case 22: return 96;
        case 38: return v >= 26 ? 56 : 40;
        case 51: return 56;
        default: return 0;
    }
}

int cuptiGetVersion(uint32_t *v) { *v = version(); return 0; }
int cuptiGetResultString(int code, const char **text) {
    *text = code == 39 ? "CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED" : "CUPTI_ERROR_UNKNOWN";
    return 0;
}
int cuptiSetThreadIdType(int type) { return type == 1 ? 0 : 1; }
int cuptiActivityRegisterCallbacks(requested_t r, completed_t c) { requested = r; completed = c; return 0; }
int cuptiActivityEnable(int kind) {
    const char *error = getenv("FAKE_CUPTI_ERROR"), *only = getenv("FAKE_CUPTI_ERROR_KIND");
    if (error && (!only || atoi(only) == kind)) return atoi(error);
    kinds[kind] = 1;
    return 0;
}
int cuptiActivityDisable(int kind) { kinds[kind] = 0; return 0; }
int cuptiActivityEnableRuntimeApi(uint32_t cbid, uint8_t on) { runtime_calls[cbid] = on; return 0; }
int cuptiActivityEnableDriverApi(uint32_t cbid, uint8_t on) { driver_calls[cbid] = on; return 0; }
int cuptiGetCallbackName(int domain, uint32_t cbid, const char **text) {
    if (domain == 2) {
        *text = cbid == 3 ? "cudaGetDevice_v3020" : cbid == 41 ? "cudaMemcpyAsync_v3020" : cbid == 131 ? "cudaStreamSynchronize_v3020"
              : cbid == 211 ? "cudaLaunchKernel_v7000" : cbid == 311 ? "cudaGraphLaunch_v10000" : NULL;
        if (cbid < 320 && !*text) *text = "cudaOther_v1";
    } else {
        *text = cbid == 307 ? "cuLaunchKernel" : cbid < 320 ? "cuOther" : NULL;
    }
    return *text ? 0 : 1;
}
/* As a tool that gives CUPTI a clock of its own. */
static uint64_t shift;
void fake_clock(uint64_t by) { shift = by; }
int cuptiGetTimestamp(uint64_t *stamp) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *stamp = now.tv_sec * 1000000000ull + now.tv_nsec - shift;
    return 0;
}
int cuptiActivityGetNextRecord(uint8_t *from, size_t valid, uint8_t **record) {
    uint8_t *next = *record ? *record + size_of(*(uint32_t *)*record) : from;
    if (*record && next == *record) return 21;
    if (next + 8 > from + valid || !size_of(*(uint32_t *)next)) return 21;
    *record = next;
    return 0;
}
int cuptiActivityGetNumDroppedRecords(void *context, uint32_t stream, size_t *count) {
    (void)context, (void)stream;
    *count = dropped;
    dropped = 0;
    return 0;
}

struct filled { uint8_t *buffer; size_t size, used; };

static void *hand_back(void *argument) {
    struct filled *filled = argument;
    completed(NULL, 0, filled->buffer, filled->size, filled->used);
    free(filled);
    return NULL;
}

static void give(void) {
    if (!buffer) return;
    struct filled *filled = malloc(sizeof *filled);
    *filled = (struct filled){buffer, size, used};
    pthread_t thread;
    pthread_create(&thread, NULL, hand_back, filled);
    pthread_join(thread, NULL);
    buffer = NULL;
}

int cuptiActivityFlushAll(uint32_t forced) {
    if (forced && getenv("FAKE_CUPTI_FLUSH_ERROR")) return 999;
    pthread_mutex_lock(&lock);
    give();
    pthread_mutex_unlock(&lock);
    return 0;
}

static uint8_t *room(uint32_t kind) {
    size_t length = size_of(kind);
    if (buffer && used + length > size) give();
    if (!buffer) {
        size_t most;
        used = 0;
        requested(&buffer, &size, &most);
        if (!buffer) {
            dropped++;
            return NULL;
        }
    }
    uint8_t *record = buffer + used;
    memset(record, 0, length);
    *(uint32_t *)record = kind;
    used += length;
    return record;
}

#define PUT(type, at, value) (*(type *)(record + (at)) = (type)(value))

static void api(uint32_t cbid, uint64_t start, uint64_t end) {
    if (!kinds[5] && !runtime_calls[cbid]) return;
    uint8_t *record = room(5);
    if (!record) return;
    PUT(uint32_t, 4, cbid);
    PUT(uint64_t, 8, start);
    PUT(uint64_t, 16, end);
    PUT(uint32_t, 24, getpid());
    PUT(uint32_t, 28, syscall(SYS_gettid));
    PUT(uint32_t, 32, correlation);
}

static void kernel(const char *name, uint64_t start, uint64_t end, uint32_t graph, uint64_t node) {
    uint8_t *record = kinds[10] ? room(10) : NULL;
    if (!record) return;
    PUT(uint16_t, 6, 32);
    PUT(uint64_t, 16, start);
    PUT(uint64_t, 24, end);
    PUT(uint32_t, 40, 0);
    PUT(uint32_t, 44, 1);
    PUT(uint32_t, 48, 7);
    PUT(uint32_t, 52, 264), PUT(uint32_t, 56, 1), PUT(uint32_t, 60, 1);
    PUT(uint32_t, 64, 128), PUT(uint32_t, 68, 1), PUT(uint32_t, 72, 1);
    PUT(uint32_t, 76, 1024), PUT(uint32_t, 80, 512);
    PUT(uint32_t, 92, correlation);
    PUT(const char *, 104, name);
    PUT(uint64_t, 144, node);
    PUT(uint32_t, 156, graph);
}

/* n kernels of 8 us, one launch call each; then a copy, a graph of two kernels, and a wait. */
void fake_launch(int n) {
    pthread_mutex_lock(&lock);
    uint64_t now;
    cuptiGetTimestamp(&now);
    for (int i = 0; i < n; i++, now += 10000) {
        correlation++;
        api(211, now, now + 4000);
        kernel(NAMES[i % 2], now + 5000, now + 13000, 0, 0);
        api(3, now, now + 1000);
    }
    correlation++;
    api(41, now, now + 3000);
    uint8_t *record = kinds[1] ? room(1) : NULL;
    if (record) {
        PUT(uint8_t, 4, 1), PUT(uint8_t, 5, 2), PUT(uint8_t, 6, 3);
        PUT(uint64_t, 8, 4096);
        PUT(uint64_t, 16, now + 6000), PUT(uint64_t, 24, now + 8000);
        PUT(uint32_t, 40, 7), PUT(uint32_t, 44, correlation);
    }
    correlation++;
    now += 20000;
    api(311, now, now + 9000);
    kernel(NAMES[2], now + 10000, now + 20000, 5, 0x500000001);
    kernel(NAMES[1], now + 20000, now + 35000, 5, 0x500000002);
    correlation++;
    api(131, now + 10000, now + 36000);
    record = kinds[38] ? room(38) : NULL;
    if (record) {
        PUT(uint32_t, 4, 3);
        PUT(uint64_t, 8, now + 10500), PUT(uint64_t, 16, now + 35500);
        PUT(uint32_t, 24, correlation), PUT(uint32_t, 28, 1), PUT(uint32_t, 32, 7);
    }
    pthread_mutex_unlock(&lock);
}

static int collisions, rounds_left;

/* Takes a buffer, marks it as its own, and hands it back. */
static void *take_and_give(void *unused) {
    (void)unused;
    while (__atomic_fetch_sub(&rounds_left, 1, __ATOMIC_RELAXED) > 0) {
        uint8_t *mine;
        size_t length, most;
        requested(&mine, &length, &most);
        if (!mine) {
            __atomic_fetch_add(&rounds_left, 1, __ATOMIC_RELAXED);
            usleep(50);
            continue;
        }
        if (__atomic_fetch_add((uint64_t *)mine, 1, __ATOMIC_ACQ_REL) != 0) __atomic_fetch_add(&collisions, 1, __ATOMIC_RELAXED);
        sched_yield();
        __atomic_fetch_sub((uint64_t *)mine, 1, __ATOMIC_ACQ_REL);
        completed(NULL, 0, mine, length, 0);
    }
    return NULL;
}

/* How often two of so many threads held the same buffer, when it was taken so many times. */
int fake_stress(int threads, int rounds) {
    pthread_t made[64];
    collisions = 0;
    rounds_left = rounds;
    for (int i = 0; i < threads; i++) pthread_create(&made[i], NULL, take_and_give, NULL);
    for (int i = 0; i < threads; i++) pthread_join(made[i], NULL);
    return collisions;
}
