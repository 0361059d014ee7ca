/* What CUPTI calls when it wants a buffer or has filled one, and the walk over a filled one: without Python, so without its
 * lock, which the thread that CUPTI calls from must never wait for.
 *
 *     python3 probe/native/embed.py        compiles this and writes src/hourglass_probe/native_code.py
 *
 * Position-independent; the address of the pool stands in the code as 0x1122334455667788 and is replaced when the code is loaded.
 * Python's side of each ring is one thread; x86-64 keeps the order of its stores.
 */
#include <stddef.h>
#include <stdint.h>

#define SLOTS 64

struct pool {
    uint64_t handed;   /* buffers given to CUPTI so far */
    uint64_t freed;    /* buffers that Python made free so far */
    uint64_t refused;  /* times there was none */
    uint64_t filled;   /* buffers that came back so far */
    uint64_t bytes;    /* size of a buffer */
    uint64_t free[SLOTS];
    struct {
        uint64_t turn; /* one more than its number, when the rest is written */
        uint64_t buffer;
        uint64_t valid;
    } done[SLOTS];
};

/* The compiler must not add to the address: it is looked for byte by byte. */
static inline struct pool *the_pool(void) {
    struct pool *pool;
    __asm__("movabsq $0x1122334455667788, %0" : "=r"(pool));
    return pool;
}

/* A walk: from `at` over whole records while the next one begins before `stop`; both are bytes from the start. */
struct walk {
    uint64_t buffer;
    uint64_t at;
    uint64_t stop;
    uint64_t end;
    uint64_t sizes;    /* uint32_t per kind, 0 where not known */
    uint64_t kinds;    /* how many */
    uint64_t name_at;  /* of a kernel, where the pointer to its name stands */
    uint64_t seen;     /* pointers met so far, open addressing */
    uint64_t mask;
    uint64_t count;    /* of them */
    uint64_t fresh;    /* where pointers not met before are put */
    uint64_t most;     /* room there */
    uint64_t found;    /* how many were put */
    uint64_t kernels;
    uint64_t records;
};

void requested(uint8_t **buffer, size_t *size, size_t *most) {
    struct pool *pool = the_pool();
    uint64_t turn = __atomic_load_n(&pool->handed, __ATOMIC_ACQUIRE);
    *most = 0;
    do {
        if (turn == __atomic_load_n(&pool->freed, __ATOMIC_ACQUIRE)) {
            __atomic_fetch_add(&pool->refused, 1, __ATOMIC_RELAXED);
            *buffer = NULL;
            *size = 0;
            return;
        }
    } while (!__atomic_compare_exchange_n(&pool->handed, &turn, turn + 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    *buffer = (uint8_t *)pool->free[turn % SLOTS];
    *size = pool->bytes;
}

void completed(void *context, uint32_t stream, uint8_t *buffer, size_t size, size_t valid) {
    struct pool *pool = the_pool();
    (void)context, (void)stream, (void)size;
    if (buffer == NULL) {
        return;
    }
    uint64_t turn = __atomic_fetch_add(&pool->filled, 1, __ATOMIC_ACQ_REL);
    pool->done[turn % SLOTS].buffer = (uint64_t)buffer;
    pool->done[turn % SLOTS].valid = valid;
    __atomic_store_n(&pool->done[turn % SLOTS].turn, turn + 1, __ATOMIC_RELEASE);
}

static int meet(struct walk *walk, uint64_t pointer) {
    uint64_t *seen = (uint64_t *)walk->seen;
    uint64_t slot = (pointer * 0x9E3779B97F4A7C15ull) >> 20 & walk->mask;
    while (seen[slot] != pointer) {
        if (seen[slot] == 0) {
            if (walk->found == walk->most || walk->count * 2 > walk->mask) {
                return 0;
            }
            seen[slot] = pointer;
            walk->count++;
            ((uint64_t *)walk->fresh)[walk->found++] = pointer;
            return 1;
        }
        slot = (slot + 1) & walk->mask;
    }
    return 1;
}

/* 0: came to stop or end; 1: a kind whose size is not known, or a record that is cut off; 2: no room for a new name. */
uint64_t walk(struct walk *walk) {
    const uint8_t *buffer = (const uint8_t *)walk->buffer;
    const uint32_t *sizes = (const uint32_t *)walk->sizes;
    while (walk->at < walk->stop && walk->at < walk->end) {
        uint64_t left = walk->end - walk->at;
        uint32_t kind = left < 8 ? 0 : *(const uint32_t *)(buffer + walk->at);
        uint64_t size = kind < walk->kinds ? sizes[kind] : 0;
        if (size == 0 || size > left) {
            return 1;
        }
        if (kind == 10 || kind == 3) {
            uint64_t name = *(const uint64_t *)(buffer + walk->at + walk->name_at);
            if (name != 0 && !meet(walk, name)) {
                return 2;
            }
            walk->kernels++;
        }
        walk->records++;
        walk->at += size;
    }
    return 0;
}
