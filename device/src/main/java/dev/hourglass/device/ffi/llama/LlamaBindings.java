package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C functions that are called, one handle each. A missing one fails when the handles are made.
@SuppressWarnings("restricted")
record LlamaBindings(
        MethodHandle backendInit,
        MethodHandle loadAllFromPath,
        MethodHandle logSet,
        MethodHandle version,
        MethodHandle ggmlVersion,
        MethodHandle ggmlCommit,
        MethodHandle systemInfo,
        MethodHandle modelDefaultParams,
        MethodHandle modelLoadFromFile,
        MethodHandle modelFree,
        MethodHandle modelHasDecoder,
        MethodHandle modelVocabulary,
        MethodHandle vocabularySize,
        MethodHandle contextDefaultParams,
        MethodHandle initFromModel,
        MethodHandle free,
        MethodHandle setThreads,
        MethodHandle attachThreadpool,
        MethodHandle batchGetOne,
        MethodHandle decode,
        MethodHandle logitsAt,
        MethodHandle memory,
        MethodHandle memoryRemove,
        MethodHandle memoryClear,
        MethodHandle opDesc,
        MethodHandle tensorName,
        MethodHandle threadpoolParamsInit,
        MethodHandle deviceByType,
        MethodHandle deviceRegistry,
        MethodHandle procAddress) {

    static LlamaBindings of(LlamaLoader in) {
        return new LlamaBindings(
                // void llama_backend_init(void)
                in.find("llama_backend_init", none()),
                // void ggml_backend_load_all_from_path(const char * dir)
                in.find("ggml_backend_load_all_from_path", none(ADDRESS)),
                // void llama_log_set(void (*)(enum level, const char *, void *), void *)
                in.find("llama_log_set", none(ADDRESS, ADDRESS)),
                // const char * llama_version(void)
                in.find("llama_version", gives(ADDRESS)),
                // const char * ggml_version(void)
                in.find("ggml_version", gives(ADDRESS)),
                // const char * ggml_commit(void)
                in.find("ggml_commit", gives(ADDRESS)),
                // const char * llama_print_system_info(void)
                in.find("llama_print_system_info", gives(ADDRESS)),
                // struct llama_model_params llama_model_default_params(void)
                in.find("llama_model_default_params", gives(LlamaLayouts.BLOB)),
                // struct llama_model * llama_model_load_from_file(const char *, struct llama_model_params)
                in.find("llama_model_load_from_file", gives(ADDRESS, ADDRESS, LlamaLayouts.BLOB)),
                // void llama_model_free(struct llama_model *)
                in.find("llama_model_free", none(ADDRESS)),
                // bool llama_model_has_decoder(const struct llama_model *)
                in.find("llama_model_has_decoder", gives(JAVA_BOOLEAN, ADDRESS)),
                // const struct llama_vocab * llama_model_get_vocab(const struct llama_model *)
                in.find("llama_model_get_vocab", gives(ADDRESS, ADDRESS)),
                // int32_t llama_vocab_n_tokens(const struct llama_vocab *)
                in.find("llama_vocab_n_tokens", gives(JAVA_INT, ADDRESS)),
                // struct llama_context_params llama_context_default_params(void)
                in.find("llama_context_default_params", gives(LlamaLayouts.BLOB)),
                // struct llama_context * llama_init_from_model(struct llama_model *, struct llama_context_params)
                in.find("llama_init_from_model", gives(ADDRESS, ADDRESS, LlamaLayouts.BLOB)),
                // void llama_free(struct llama_context *)
                in.find("llama_free", none(ADDRESS)),
                // void llama_set_n_threads(struct llama_context *, int32_t n_threads, int32_t n_threads_batch)
                in.find("llama_set_n_threads", none(ADDRESS, JAVA_INT, JAVA_INT)),
                // void llama_attach_threadpool(struct llama_context *, ggml_threadpool_t, ggml_threadpool_t batch)
                in.find("llama_attach_threadpool", none(ADDRESS, ADDRESS, ADDRESS)),
                // struct llama_batch llama_batch_get_one(llama_token *, int32_t n_tokens)
                in.find("llama_batch_get_one", gives(LlamaLayouts.BATCH, ADDRESS, JAVA_INT)),
                // int32_t llama_decode(struct llama_context *, struct llama_batch)
                in.find("llama_decode", gives(JAVA_INT, ADDRESS, LlamaLayouts.BATCH)),
                // float * llama_get_logits_ith(struct llama_context *, int32_t)
                in.find("llama_get_logits_ith", gives(ADDRESS, ADDRESS, JAVA_INT)),
                // llama_memory_t llama_get_memory(const struct llama_context *)
                in.find("llama_get_memory", gives(ADDRESS, ADDRESS)),
                // bool llama_memory_seq_rm(llama_memory_t, llama_seq_id, llama_pos p0, llama_pos p1)
                in.find("llama_memory_seq_rm", gives(JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT)),
                // void llama_memory_clear(llama_memory_t, bool data)
                in.find("llama_memory_clear", none(ADDRESS, JAVA_BOOLEAN)),
                // const char * ggml_op_desc(const struct ggml_tensor *)
                in.find("ggml_op_desc", gives(ADDRESS, JAVA_LONG)),
                // const char * ggml_get_name(const struct ggml_tensor *)
                in.find("ggml_get_name", gives(JAVA_LONG, JAVA_LONG)),
                // void ggml_threadpool_params_init(struct ggml_threadpool_params *, int n_threads)
                in.find("ggml_threadpool_params_init", none(ADDRESS, JAVA_INT)),
                // ggml_backend_dev_t ggml_backend_dev_by_type(enum ggml_backend_dev_type)
                in.find("ggml_backend_dev_by_type", gives(ADDRESS, JAVA_INT)),
                // ggml_backend_reg_t ggml_backend_dev_backend_reg(ggml_backend_dev_t)
                in.find("ggml_backend_dev_backend_reg", gives(ADDRESS, ADDRESS)),
                // void * ggml_backend_reg_get_proc_address(ggml_backend_reg_t, const char *)
                in.find("ggml_backend_reg_get_proc_address", gives(ADDRESS, ADDRESS, ADDRESS)));
    }

    /// A NUL-terminated text of the library.
    static String text(MemorySegment address) {
        return address.equals(MemorySegment.NULL)
                ? ""
                : address.reinterpret(Long.MAX_VALUE).getString(0);
    }

    static FunctionDescriptor none(MemoryLayout... arguments) {
        return FunctionDescriptor.ofVoid(arguments);
    }

    static FunctionDescriptor gives(MemoryLayout result, MemoryLayout... arguments) {
        return FunctionDescriptor.of(result, arguments);
    }
}
