package dev.hourglass.core.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hourglass.core.model.Cache;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.Distinct;
import dev.hourglass.core.model.FlopCount;
import dev.hourglass.core.model.Flops;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelException;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.Reach;
import dev.hourglass.core.model.Work;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Formulas against counting one by one, and against figures from elsewhere.
class ClosedFormsTest {
    @Test
    void distinctExpertsAgreeWithDrawing() {
        Random random = new Random(7);
        int experts = 128;
        int chosen = 8;
        int tokens = 16;
        int rounds = 4000;
        double sum = 0;
        double squares = 0;
        for (int round = 0; round < rounds; round++) {
            boolean[] touched = new boolean[experts];
            int distinct = 0;
            for (int token = 0; token < tokens; token++) {
                for (int expert :
                        random.ints(0, experts).distinct().limit(chosen).toArray()) {
                    distinct += touched[expert] ? 0 : 1;
                    touched[expert] = true;
                }
            }
            sum += distinct;
            squares += (double) distinct * distinct;
        }
        double mean = sum / rounds;
        double standardError = Math.sqrt((squares / rounds - mean * mean) / rounds);
        assertThat(Distinct.expected(experts, chosen, tokens)).isCloseTo(mean, within(3 * standardError));
    }

    @ParameterizedTest
    @CsvSource({"1,8", "2,15.5", "4,29.1", "8,51.6", "16,82.4", "32,111.8", "64,125.9"})
    void distinctExpertsOfKnownBatches(long batch, double expected) {
        assertThat(Distinct.expected(128, 8, batch)).isCloseTo(expected, within(0.05));
    }

    @Test
    void allExpertsChosenAreAllExperts() {
        assertThat(Distinct.expected(8, 8, 1)).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({"0,0,1", "0,0,7", "0,5,7", "4,0,7", "4,2,7", "4,3,1", "4,4,1", "4,9,3", "100,5,7", "1,3,4"})
    void causalPairsAreCountedOneByOne(long window, long context, long tokens) {
        long counted = 0;
        for (long j = 1; j <= tokens; j++) {
            counted += window == 0 ? context + j : Math.min(context + j, window);
        }
        assertThat(Reach.windowed(window, context, tokens)).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource({"4,0,3", "4,0,9", "4,3,1", "4,4,1", "4,6,11", "1,3,4", "100,5,7"})
    void chunksAreCountedOneByOne(long chunk, long context, long tokens) {
        long counted = 0;
        for (long position = context; position < context + tokens; position++) {
            counted += position % chunk + 1;
        }
        assertThat(new Reach.Chunk(chunk).pairs(context, tokens)).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource({"0,9", "2,9", "2,4", "8,9", "9,9", "1,1", "3,2"})
    void bothSidesAreCountedOneByOne(long side, long tokens) {
        long counted = 0;
        for (long i = 0; i < tokens; i++) {
            for (long j = 0; j < tokens; j++) {
                counted += side == 0 || Math.abs(i - j) <= side ? 1 : 0;
            }
        }
        assertThat(new Reach.Both(side).pairs(0, tokens)).isEqualTo(counted);
    }

    @ParameterizedTest
    @CsvSource({"4,0,0,3", "4,0,0,17", "4,2,0,17", "4,2,9,5", "128,0,100,300", "128,1,100,300", "1,3,5,9"})
    void entriesAreCountedOneByOne(long every, long top, long context, long tokens) {
        long counted = 0;
        for (long position = context + 1; position <= context + tokens; position++) {
            counted += top == 0 ? position / every : Math.min(position / every, top);
        }
        assertThat(Reach.entries(every, top, context, tokens)).isEqualTo(counted);
    }

    /// Decode at 4096 in the serving convention, in GFLOP.
    @ParameterizedTest
    @CsvSource({"qwen3-30b-a3b,9.305", "llama-3.1-8b,17.157", "mixtral-8x7b,27.645"})
    void servingDecode(String model, double giga) {
        FlopCount flops = FlopCount.of(Fixtures.published(model).sections(), Work.decode(4096, 1), Convention.SERVING);
        assertThat(flops.total() / 1e9).isCloseTo(giga, within(0.0006));
    }

    /// Weights read by a decode step, in GB.
    @ParameterizedTest
    @CsvSource({
        "qwen3-30b-a3b,1,6.08",
        "qwen3-30b-a3b,16,39.8",
        "qwen3-30b-a3b,64,59.5",
        "llama-3.1-8b,1,15.0",
        "mixtral-8x7b,1,25.5",
        "mixtral-8x7b,16,92.2",
        "mixtral-8x7b,64,93.1"
    })
    void weightsReadByDecode(String model, long batch, double giga) {
        double bytes = Costing.of(Fixtures.published(model)).step(Work.decode(4096, batch)).stream()
                .mapToDouble(cost -> cost.traffic().weights())
                .sum();
        assertThat(bytes / 1e9).isCloseTo(giga, within(0.06));
    }

    /// The latent form costs what its two products cost: queries against latents and rotary keys,
    /// scores against latents.
    @Test
    void absorbedAttentionIsWorkedByHand() {
        Operator.LatentAttention core = new Operator.LatentAttention("", 128, 512, 128, 64, 128);
        assertThat(Flops.of(core, Work.decode(999, 1), Convention.SERVING))
                .isEqualTo(2L * 128 * (512 + 64) * 1000 + 2L * 128 * 512 * 1000);
        Operator.LatentExpansion expansion = new Operator.LatentExpansion("", 128, 512, 128, 128);
        assertThat(Flops.of(expansion, Work.decode(999, 1), Convention.SERVING)).isEqualTo(2L * 128 * 512 * 256);
        assertThat(Flops.of(expansion, Work.decode(999, 1), Convention.HF)).isEqualTo(2L * 128 * 512 * 256 * 1000);
    }

    /// Ling-mini-2.0, of which Transformers has no class: 16 billion parameters, added up by hand.
    @Test
    void lingIsWorkedByHand() {
        Model model = Fixtures.described("""
            {"model_type": "bailing_moe_v2", "vocab_size": 157184, "hidden_size": 2048, "intermediate_size": 5120,
             "num_hidden_layers": 20, "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 128,
             "moe_intermediate_size": 512, "num_experts": 256, "num_experts_per_tok": 8, "num_shared_experts": 1,
             "first_k_dense_replace": 1, "use_qk_norm": true, "use_bias": false, "tie_word_embeddings": false}""");
        long attention = 2048L * 24 * 128 + 2048L * 2048 + 2 * 128;
        long experts = 256 * 3 * 2048L * 512;
        long sparse = experts + 3 * 2048L * 512 + 256 * 2048L;
        long dense = 3 * 2048L * 5120;
        long total = 20 * (attention + 2 * 2048) + dense + 19 * sparse + 2 * 157184L * 2048 + 2048;
        assertThat(model.parameters()).isEqualTo(total).isEqualTo(16255638528L);
        assertThat(model.activeParameters()).isEqualTo(total - 19 * experts / 256 * 248);
    }

    /// EAGLE-3 for Llama 3.1 8B, matrix by matrix: 0.85 GB in 16 bits, as published.
    @Test
    void draftsAreCountedAsWhatTheyAre() {
        Model model = Fixtures.described("""
            {"model_type": "llama", "architectures": ["LlamaForCausalLMEagle3"], "hidden_size": 4096,
             "intermediate_size": 14336, "num_hidden_layers": 1, "num_attention_heads": 32,
             "num_key_value_heads": 8, "vocab_size": 128256, "draft_vocab_size": 32000}""");
        long attention = 8192L * 4096 + 2 * 8192L * 1024 + 4096L * 4096;
        assertThat(model.parameters())
                .isEqualTo(3 * 4096L * 4096 + attention + 3 * 4096L * 14336 + 4 * 4096 + 32000L * 4096);
        assertThat(model.family()).isEqualTo("eagle3");
        assertThat(model.weightBytes() / 1e9).isCloseTo(0.85, within(0.005));
    }

    @Test
    void stateSizesAreThoseOfTheCache() {
        Model model = Fixtures.published("qwen3-next-80b-a3b");
        long fixed = model.sections().stream()
                .flatMap(s -> s.operators().stream())
                .mapToLong(Cache::fixed)
                .sum();
        assertThat(fixed).isEqualTo(36L * (32 * 128 * 128 + (2 * 16 * 128 + 32 * 128) * 4));
    }

    @Test
    void overflowIsToldNotWrapped() {
        Model model = Fixtures.published("deepseek-v3");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> FlopCount.of(model.sections(), Work.prefill(10_000_000, 1000), Convention.HF))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("9.2e18");
    }
}
