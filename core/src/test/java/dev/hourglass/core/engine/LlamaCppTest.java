package dev.hourglass.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.engine.LlamaCpp.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

class LlamaCppTest {
    private static Node node(String name, String operator, String... sources) {
        return new Node(name, operator, List.of(sources));
    }

    private static List<String> places(Node... graph) {
        return LlamaCpp.places(List.of(graph)).stream()
                .map(p -> (p.layer().isPresent() ? p.layer().getAsInt() : "-") + " "
                        + p.component().key() + " " + p.name())
                .toList();
    }

    @Test
    void placesALayerOfExperts() {
        assertThat(places(
                        node("embd", "GET_ROWS", "token_embd.weight", "inp_tokens"),
                        node("norm-0", "RMS_NORM", "embd"),
                        node("attn_norm-0", "MUL", "norm-0", "blk.0.attn_norm.weight"),
                        node("Qcur-0", "MUL_MAT", "blk.0.attn_q.weight", "attn_norm-0"),
                        node("Qcur-0 (reshaped)", "RESHAPE", "Qcur-0"),
                        node("norm-0", "RMS_NORM", "Qcur-0 (reshaped)"),
                        node("Qcur_normed-0", "MUL", "norm-0", "blk.0.attn_q_norm.weight"),
                        node("cache_k_l0 (view)", "SET_ROWS", "Kcur-0 (view)"),
                        node("node_23", "FLASH_ATTN_EXT", "Qcur-0 (view)"),
                        node("node_25", "MUL_MAT", "blk.0.attn_output.weight", "kqv_out-0"),
                        node("ffn_inp-0", "ADD", "node_25", "embd"),
                        node("norm-0", "RMS_NORM", "ffn_inp-0"),
                        node("ffn_norm-0", "MUL", "norm-0", "blk.0.ffn_norm.weight"),
                        node("ffn_moe_logits-0", "MUL_MAT", "blk.0.ffn_gate_inp.weight", "ffn_norm-0"),
                        node("ffn_moe_weights_norm-0 (reshaped)", "RESHAPE", "ffn_moe_weights_norm-0"),
                        node("ffn_moe_up-0", "MUL_MAT_ID", "blk.0.ffn_up_exps.weight", "ffn_norm-0", "ffn_moe_topk-0"),
                        node("ffn_moe_weighted-0", "MUL", "ffn_moe_down-0", "ffn_moe_weights_norm-0"),
                        node("node_60", "ADD", "ffn_moe_weighted-0 (view)", "ffn_moe_weighted-0 (view)"),
                        node("l_out-0", "ADD", "ffn_moe_out-0", "ffn_inp-0"),
                        node("attn_norm-1", "MUL", "norm-1", "blk.1.attn_norm.weight"),
                        node("node_80", "GET_ROWS", "node_79", "inp_out_ids"),
                        node("norm", "RMS_NORM", "l_out-1"),
                        node("result_norm", "MUL", "norm", "output_norm.weight"),
                        node("result_output", "MUL_MAT", "output.weight", "result_norm")))
                .containsExactly(
                        "- embedding embd",
                        "0 norm norm",
                        "0 norm attn_norm",
                        "0 attention Qcur",
                        "0 attention Qcur",
                        "0 attention norm",
                        "0 attention Qcur_normed",
                        "0 attention cache_k",
                        "0 attention FLASH_ATTN_EXT",
                        "0 attention MUL_MAT",
                        "0 attention ffn_inp",
                        "0 norm norm",
                        "0 norm ffn_norm",
                        "0 t_routing ffn_moe_logits",
                        "0 t_routing ffn_moe_weights_norm",
                        "0 t_cpu_computation ffn_moe_up",
                        "0 t_cpu_computation ffn_moe_weighted",
                        "0 t_cpu_computation ADD",
                        "0 t_cpu_computation l_out",
                        "1 norm attn_norm",
                        "1 attention GET_ROWS",
                        "- norm norm",
                        "- norm result_norm",
                        "- lm_head result_output");
    }

    @Test
    void placesADenseLayerAndNodesWithoutNames() {
        assertThat(places(
                        node("node_0", "GET_ROWS", "token_embd.weight", "inp_tokens"),
                        node("node_1", "MUL_MAT", "blk.3.attn_qkv.weight", "x"),
                        node("node_2", "SOFT_MAX", "node_1"),
                        node("ffn_inp-3", "ADD", "node_2", "node_0"),
                        node("node_4", "MUL_MAT", "blk.3.ffn_up.weight", "ffn_inp-3"),
                        node("node_5", "GELU", "node_4"),
                        node("ffn_out-3", "MUL_MAT", "blk.3.ffn_down.weight", "node_5"),
                        node("result_norm", "MUL", "norm", "output_norm.weight"),
                        node("node_8", "MUL_MAT", "token_embd.weight", "result_norm")))
                .containsExactly(
                        "- embedding GET_ROWS",
                        "3 attention MUL_MAT",
                        "3 attention SOFT_MAX",
                        "3 attention ffn_inp",
                        "3 t_cpu_computation MUL_MAT",
                        "3 t_cpu_computation GELU",
                        "3 t_cpu_computation ffn_out",
                        "- norm result_norm",
                        "- lm_head MUL_MAT");
    }

    @Test
    void hostileNamesArePlacedSomewhere() {
        assertThat(places(
                        node("", "ADD"),
                        node("ffn_moe_logits-99999999999999", "MUL_MAT"),
                        node("<script>-1 (", "MUL"),
                        node("-", "MUL")))
                .hasSize(4);
    }
}
