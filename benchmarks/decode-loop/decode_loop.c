// A plain decode loop on llama.cpp's shared libraries: what Hourglass's unprofiled steps are held
// against. Same library, same context, same number of tokens, same way of choosing the next one;
// no callback, no Java. With `nodes` or `stages` as a last argument, every second step is stopped, by a callback
// in C, after every node that computes or where a stage of a qwen3moe layer ends: what the engine itself asks for
// being stopped there.
//
//   decode_loop ENGINE_DIR MODEL TOKENS WARMUP CONTEXT THREADS           prints one step's microseconds a line
//   decode_loop ENGINE_DIR MODEL TOKENS WARMUP CONTEXT THREADS nodes     prints a stopped step's and a plain one's
//   decode_loop ENGINE_DIR MODEL TOKENS WARMUP CONTEXT THREADS stages    likewise
//
// The declarations are those of llama.h of the library's version; the parameter structs are the
// library's own defaults, of which this program knows only the fields that it sets.
#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOB = 512, BATCH = 256, KEPT = 40 };

typedef struct { char bytes[BLOB]; } params_t;
typedef struct { int32_t n_tokens; int32_t pad; void * pointers[6]; } batch_t;

static void * open_library(const char * dir, const char * name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    void * library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return library;
}

static void * symbol(const char * name) {
    void * address = dlsym(RTLD_DEFAULT, name);
    if (!address) {
        fprintf(stderr, "no symbol %s\n", name);
        exit(1);
    }
    return address;
}

static void quiet(int level, const char * text, void * data) {
    (void) level; (void) text; (void) data;
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static uint64_t state = 42;

static uint64_t next_random(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

// One of the forty likeliest, by their probabilities at temperature 0.8.
static int32_t choose(const float * logits, int n) {
    float values[KEPT];
    int32_t tokens[KEPT];
    int kept = 0;
    for (int i = 0; i < n; i++) {
        if (kept < KEPT || logits[i] > values[KEPT - 1]) {
            int at = kept < KEPT ? kept++ : KEPT - 1;
            while (at > 0 && values[at - 1] < logits[i]) {
                values[at] = values[at - 1];
                tokens[at] = tokens[at - 1];
                at--;
            }
            values[at] = logits[i];
            tokens[at] = i;
        }
    }
    double odds[KEPT], sum = 0;
    for (int i = 0; i < kept; i++) {
        sum += odds[i] = exp((values[i] - values[0]) / 0.8);
    }
    double left = (next_random() >> 11) * 0x1p-53 * sum;
    for (int i = 0; i < kept; i++) {
        if ((left -= odds[i]) < 0) {
            return tokens[i];
        }
    }
    return tokens[0];
}

static const char * (*operator_of)(const void *);
static const char * (*name_of)(const void *);
static bool stages;
static bool stopping;
static double stops[1 << 16];
static unsigned stopped;

// The engine computes a norm and the product with its weights in one pass, so it is not stopped between them.
static bool computes(const char * operator) {
    return strcmp(operator, "NONE") && strcmp(operator, "VIEW") && strcmp(operator, "RESHAPE")
        && strcmp(operator, "PERMUTE") && strcmp(operator, "TRANSPOSE") && strcmp(operator, "RMS_NORM");
}

// What attention, the router and the experts of a layer end with, the embedding and the LM head.
static bool ends_stage(const char * name) {
    static const char * const ends[] = {"embd", "ffn_inp-", "ffn_moe_weights_norm-", "l_out-", "result_output"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (!strncmp(name, ends[i], strlen(ends[i]))) {
            return true;
        }
    }
    return false;
}

static bool on_node(const void * node, bool ask, void * data) {
    (void) data;
    if (ask) {
        return stopping && computes(operator_of(node)) && (!stages || ends_stage(name_of(node)));
    }
    stops[stopped++ & 0xffff] = now_us();
    return true;
}

int main(int argc, char ** argv) {
    stages = argc == 8 && !strcmp(argv[7], "stages");
    bool nodes = argc == 8 && (stages || !strcmp(argv[7], "nodes"));
    if (argc != 7 && !nodes) {
        fprintf(stderr, "usage: decode_loop ENGINE_DIR MODEL TOKENS WARMUP CONTEXT THREADS [nodes|stages]\n");
        return 2;
    }
    int tokens = atoi(argv[3]), warmup = atoi(argv[4]), context = atoi(argv[5]), threads = atoi(argv[6]);
    open_library(argv[1], "libggml-base.so");
    open_library(argv[1], "libggml.v0.5.0.so");
    open_library(argv[1], "libllama.v0.5.0.so");
    ((void (*)(void *, void *)) symbol("llama_log_set"))(quiet, NULL);
    ((void (*)(void)) symbol("llama_backend_init"))();
    ((void (*)(const char *)) symbol("ggml_backend_load_all_from_path"))(argv[1]);

    params_t model_params = ((params_t (*)(void)) symbol("llama_model_default_params"))();
    void * model = ((void * (*)(const char *, params_t)) symbol("llama_model_load_from_file"))(argv[2], model_params);
    if (!model) {
        fprintf(stderr, "cannot load %s\n", argv[2]);
        return 1;
    }
    params_t params = ((params_t (*)(void)) symbol("llama_context_default_params"))();
    int32_t n_ctx = context + 2 * warmup + 2 * tokens + 136, n_batch = BATCH, n_outputs = 1;
    memcpy(params.bytes + 0, &n_ctx, 4);
    memcpy(params.bytes + 4, &n_batch, 4);
    memcpy(params.bytes + 8, &n_batch, 4);
    memcpy(params.bytes + 20, &n_outputs, 4);
    if (nodes) {
        operator_of = (const char * (*)(const void *)) symbol("ggml_op_desc");
        name_of = (const char * (*)(const void *)) symbol("ggml_get_name");
        bool (*callback)(const void *, bool, void *) = on_node;
        memcpy(params.bytes + 88, &callback, sizeof callback);
    }
    void * ctx = ((void * (*)(void *, params_t)) symbol("llama_init_from_model"))(model, params);
    if (!ctx) {
        fprintf(stderr, "cannot make a context\n");
        return 1;
    }
    ((void (*)(void *, int32_t, int32_t)) symbol("llama_set_n_threads"))(ctx, threads, threads);
    char pool_params[1024] = {0};
    ((void (*)(void *, int)) symbol("ggml_threadpool_params_init"))(pool_params, threads);
    void * device = ((void * (*)(int)) symbol("ggml_backend_dev_by_type"))(0);
    void * registry = ((void * (*)(void *)) symbol("ggml_backend_dev_backend_reg"))(device);
    void * create = ((void * (*)(void *, const char *)) symbol("ggml_backend_reg_get_proc_address"))(registry, "ggml_threadpool_new");
    void * pool = ((void * (*)(void *)) create)(pool_params);
    ((void (*)(void *, void *, void *)) symbol("llama_attach_threadpool"))(ctx, pool, pool);

    batch_t (*get_one)(int32_t *, int32_t) = (batch_t (*)(int32_t *, int32_t)) symbol("llama_batch_get_one");
    int32_t (*decode)(void *, batch_t) = (int32_t (*)(void *, batch_t)) symbol("llama_decode");
    float * (*logits_at)(void *, int32_t) = (float * (*)(void *, int32_t)) symbol("llama_get_logits_ith");
    void * vocabulary = ((void * (*)(void *)) symbol("llama_model_get_vocab"))(model);
    int n_vocab = ((int32_t (*)(void *)) symbol("llama_vocab_n_tokens"))(vocabulary);

    int32_t prompt[BATCH];
    for (int done = 0; done < context;) {
        int count = context - done < BATCH ? context - done : BATCH;
        for (int i = 0; i < count; i++) {
            prompt[i] = next_random() % n_vocab;
        }
        if (decode(ctx, get_one(prompt, count))) {
            fprintf(stderr, "cannot decode the prompt\n");
            return 1;
        }
        done += count;
    }
    int32_t token = prompt[0];
    double us[2] = {0};
    for (int i = -2 * warmup; i < 2 * tokens; i++) {
        // Which of a pair is stopped alternates, so that drift cancels out.
        stopping = nodes && ((i & 1) == ((i >> 1) & 1));
        double start = now_us();
        if (decode(ctx, get_one(&token, 1))) {
            fprintf(stderr, "cannot decode\n");
            return 1;
        }
        token = choose(logits_at(ctx, -1), n_vocab);
        double end = now_us();
        us[stopping] = end - start;
        if (i >= 0 && !nodes) {
            printf("%.3f\n", end - start);
        } else if (i >= 0 && (i & 1)) {
            printf("%.3f %.3f\n", us[1], us[0]);
        }
    }
    fflush(stdout);
    _Exit(0);
}
