package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.Doubt;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.family.LayerKinds;
import dev.hourglass.core.model.gguf.GgufHeader;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.keys.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A GGUF header's keys as the configuration of a family.
final class GgufConfig {
    /// Architectures of GGUF files and the family that describes them.
    private static final Map<String, String> FAMILIES = Map.ofEntries(
            Map.entry("llama", "llama"),
            Map.entry("qwen2", "qwen2"),
            Map.entry("qwen2moe", "qwen2_moe"),
            Map.entry("qwen3", "qwen3"),
            Map.entry("qwen3moe", "qwen3_moe"),
            Map.entry("qwen3vl", "qwen3"),
            Map.entry("qwen3vlmoe", "qwen3_moe"),
            Map.entry("qwen3next", "qwen3_next"),
            Map.entry("gpt-oss", "gpt_oss"),
            Map.entry("glm4moe", "glm4_moe"),
            Map.entry("deepseek2", "deepseek_v3"),
            Map.entry("gemma", "gemma"),
            Map.entry("gemma2", "gemma2"),
            Map.entry("gemma3", "gemma3_text"),
            Map.entry("phi3", "phi3"),
            Map.entry("olmo2", "olmo2"),
            Map.entry("olmoe", "olmoe"),
            Map.entry("granite", "granite"),
            Map.entry("granitemoe", "granitemoe"),
            Map.entry("command-r", "cohere"),
            Map.entry("cohere2", "cohere2"),
            Map.entry("starcoder2", "starcoder2"),
            Map.entry("gptneox", "gpt_neox"),
            Map.entry("exaone4", "exaone4"),
            Map.entry("seed_oss", "seed_oss"),
            Map.entry("smollm3", "smollm3"),
            Map.entry("ernie4_5", "ernie4_5"),
            Map.entry("minimax-m2", "minimax_m2"),
            Map.entry("dots1", "dots1"),
            Map.entry("glm4", "glm4"),
            Map.entry("mamba", "mamba"),
            Map.entry("lfm2", "lfm2"),
            Map.entry("lfm2moe", "lfm2_moe"),
            Map.entry("bailingmoe2", "bailing_moe"),
            Map.entry("qwen35", "qwen3_5_text"),
            Map.entry("qwen35moe", "qwen3_5_moe_text"),
            Map.entry("mamba2", "mamba2"));

    /// Keys behind the architecture's name, and the keys of a configuration that mean the same.
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("block_count", List.of("num_hidden_layers")),
            Map.entry("context_length", List.of("max_position_embeddings")),
            Map.entry("embedding_length", List.of("hidden_size")),
            Map.entry("feed_forward_length", List.of("intermediate_size")),
            Map.entry("vocab_size", List.of("vocab_size")),
            Map.entry("attention.head_count", List.of("num_attention_heads")),
            Map.entry("attention.head_count_kv", List.of("num_key_value_heads")),
            Map.entry("attention.key_length", List.of("head_dim")),
            Map.entry("attention.sliding_window", List.of("sliding_window")),
            Map.entry("attention.q_lora_rank", List.of("q_lora_rank")),
            Map.entry("attention.kv_lora_rank", List.of("kv_lora_rank")),
            Map.entry("attention.value_length", List.of()),
            Map.entry("attention.key_length_mla", List.of()),
            Map.entry("attention.value_length_mla", List.of()),
            Map.entry("rope.dimension_count", List.of("qk_rope_head_dim")),
            Map.entry("expert_count", List.of("num_experts", "num_local_experts", "n_routed_experts")),
            Map.entry("expert_used_count", List.of("num_experts_per_tok")),
            Map.entry("expert_feed_forward_length", List.of("moe_intermediate_size")),
            Map.entry("expert_shared_feed_forward_length", List.of("shared_expert_intermediate_size")),
            Map.entry("expert_shared_count", List.of("n_shared_experts")),
            Map.entry("leading_dense_block_count", List.of("first_k_dense_replace")),
            Map.entry("nextn_predict_layers", List.of("num_nextn_predict_layers")),
            Map.entry("full_attention_interval", List.of("full_attention_interval")),
            Map.entry("ssm.conv_kernel", List.of("conv_kernel", "linear_conv_kernel_dim")),
            Map.entry("ssm.state_size", List.of("state_size", "linear_key_head_dim")),
            Map.entry("ssm.group_count", List.of("n_groups", "linear_num_key_heads")),
            Map.entry("ssm.time_step_rank", List.of("num_heads", "linear_num_value_heads")),
            Map.entry("ssm.inner_size", List.of()),
            Map.entry("shortconv.l_cache", List.of("conv_L_cache")));

    /// Keys behind the architecture's name that change neither parameters nor work.
    private static final Set<String> NO_EFFECT = Set.of(
            "attention.layer_norm_rms_epsilon",
            "attention.layer_norm_epsilon",
            "attention.scale",
            "expert_group_count",
            "expert_group_used_count",
            "expert_weights_scale",
            "expert_weights_norm",
            "expert_gating_func",
            "final_logit_softcapping",
            "attn_logit_softcapping");

    /// Keys of which 0 means none.
    private static final Set<String> COUNTS =
            Set.of("n_shared_experts", "first_k_dense_replace", "num_nextn_predict_layers");

    private final GgufHeader header;
    private final Map<String, Json> members = new LinkedHashMap<>();

    private GgufConfig(GgufHeader header) {
        this.header = header;
    }

    /// A header's keys and the name of its family.
    record Described(String family, Json.Obj config, List<String> notUnderstood, List<Doubt> doubts) {}

    /// @throws ModelException if no family describes the architecture
    static Described of(GgufHeader header) {
        return new GgufConfig(header).describe();
    }

    private Described describe() {
        NAMES.forEach((key, names) -> value(key).ifPresent(v -> names.forEach(name -> put(name, v))));
        String family = family();
        if (!members.containsKey("vocab_size")) {
            tensor("token_embd.weight")
                    .ifPresent(t -> put("vocab_size", t.shape().getLast()));
        }
        flag("tie_word_embeddings", tensor("output.weight").isEmpty());
        boolean bias = tensor("blk.0.attn_q.bias").isPresent();
        flag("attention_bias", bias);
        flag("qkv_bias", bias);
        flag("use_qk_norm", anyTensor("attn_q_norm"));
        flag("mlp_bias", tensor("blk.0.ffn_up.bias").isPresent());
        flag("use_sliding_window", members.containsKey("sliding_window"));
        layers();
        switch (family) {
            case "deepseek_v3" -> latent();
            case "qwen3_next" -> put("linear_value_head_dim", perHead("ssm.inner_size", "ssm.time_step_rank"));
            case "mamba2" -> scan();
            case "mixtral" ->
                put("sliding_window", value("attention.sliding_window").orElse(0));
            case "minimax_m2", "olmoe", "granitemoe" -> expertWidth();
            case "lfm2" -> flag("block_auto_adjust_ff_dim", false);
            case "cohere" -> flag("use_qk_norm", anyTensor("attn_q_norm"));
            case "starcoder2" -> flag("use_bias", bias);
            default -> {
                // the common keys say it all
            }
        }
        perLayer(family);
        return new Described(family, new Json.Obj(0, members), notUnderstood(), differing());
    }

    private String family() {
        String architecture = header.architecture();
        String family = FAMILIES.get(architecture);
        if (family == null) {
            throw new ModelException(header.source() + ": unknown architecture " + architecture
                    + " (general.architecture); known: "
                    + String.join(", ", FAMILIES.keySet().stream().sorted().toList()) + "; its keys: "
                    + String.join(", ", ownKeys()));
        }
        return family.equals("llama") && value("expert_count").orElse(0) > 0 ? "mixtral" : family;
    }

    /// Prediction layers behind the last are counted among the blocks.
    private void layers() {
        long blocks = value("block_count").orElse(0);
        long prediction = value("nextn_predict_layers").orElse(0);
        if (prediction > 0 && blocks > prediction) {
            put("num_hidden_layers", blocks - prediction);
        }
    }

    private void latent() {
        long rope = value("rope.dimension_count").orElse(0);
        long key = value("attention.key_length_mla")
                .orElseGet(() -> value("attention.key_length").orElse(0));
        put("qk_nope_head_dim", key - rope);
        put(
                "v_head_dim",
                value("attention.value_length_mla")
                        .orElseGet(() -> value("attention.value_length").orElse(0)));
        members.remove("num_key_value_heads");
        if (value("attention.q_lora_rank").isEmpty()) {
            members.put("q_lora_rank", new Json.Null(0));
        }
    }

    private void scan() {
        put("head_dim", perHead("ssm.inner_size", "ssm.time_step_rank"));
        long hidden = Math.max(1, value("embedding_length").orElse(1));
        members.put("expand", new Json.Num(0, (double) value("ssm.inner_size").orElse(0) / hidden, Json.Num.NOT_WHOLE));
        flag("use_conv_bias", anyTensor("ssm_conv1d.bias"));
        flag("use_bias", false);
    }

    /// Families whose experts' width is their only one.
    private void expertWidth() {
        value("expert_feed_forward_length").ifPresent(width -> put("intermediate_size", width));
    }

    private long perHead(String size, String heads) {
        return value(size).orElse(0) / Math.max(1, value(heads).orElse(1));
    }

    private OptionalLong value(String key) {
        return header.modelWhole(key);
    }

    private Optional<GgufTensor> tensor(String name) {
        return header.tensor(name);
    }

    private boolean anyTensor(String part) {
        return header.tensors().stream().anyMatch(t -> t.name().contains(part));
    }

    /// A count of none is 0; any other size of 0 is one that is not there.
    private void put(String name, long value) {
        if (value > 0 || COUNTS.contains(name)) {
            members.put(name, new Json.Num(0, (double) value, value));
        } else {
            members.put(name, new Json.Null(0));
        }
    }

    private void flag(String name, boolean value) {
        members.put(name, new Json.Bool(0, value));
    }

    /// Sizes that differ by layer, where the family reads them so: layers without key/value heads are no
    /// attention.
    private void perLayer(String family) {
        List<Long> keyHeads = header.modelWholes("attention.head_count_kv");
        if (keyHeads.contains(0L) && family.startsWith("lfm2")) {
            members.put(
                    "layer_types",
                    texts(keyHeads.stream()
                            .map(n -> n == 0 ? "conv" : LayerKinds.FULL)
                            .toList()));
        }
        if (keyHeads.contains(0L) && family.equals("granitemoehybrid")) {
            members.put(
                    "layer_types",
                    texts(keyHeads.stream()
                            .map(n -> n == 0 ? LayerKinds.LINEAR : LayerKinds.FULL)
                            .toList()));
        }
    }

    private static Json.Arr texts(List<String> values) {
        return new Json.Arr(
                0, values.stream().<Json>map(value -> new Json.Text(0, value)).toList());
    }

    /// Arrays of one value per layer that are not all alike and that no family reads so.
    private List<Doubt> differing() {
        return NAMES.keySet().stream()
                .filter(key -> header.modelWholes(key).stream().distinct().count() > 1)
                .filter(key -> !members.containsKey("layer_types") || !key.equals("attention.head_count_kv"))
                .sorted()
                .map(key -> Doubt.mayChange(key + " differs by layer; every layer is counted with the largest, "
                        + header.modelWhole(key).orElse(0) + "."))
                .toList();
    }

    private List<String> ownKeys() {
        String prefix = header.architecture() + ".";
        return header.metadata().keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    private List<String> notUnderstood() {
        List<String> unknown = new ArrayList<>(ownKeys());
        unknown.removeIf(key -> NAMES.containsKey(key) || NO_EFFECT.contains(key) || key.startsWith("rope."));
        return unknown.stream().map(key -> header.architecture() + "." + key).toList();
    }
}
