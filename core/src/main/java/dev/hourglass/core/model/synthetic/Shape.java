package dev.hourglass.core.model.synthetic;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import java.util.List;

/// The published dimensions of a model, from which one with random weights can be made.
///
/// @param name as on the command line
/// @param title as its makers call it
/// @param source where the dimensions are published
/// @param architecture as llama.cpp calls it
/// @param attention how heads are formed
/// @param layersFull layers of the published model
/// @param leadingDense how many of the first layers have a dense feed-forward part
/// @param embedding width of the residual stream
/// @param heads query heads
/// @param headsKv key and value heads
/// @param headDim width of a head
/// @param feedForward width of the dense feed-forward part; 0 where no layer has one
/// @param experts routed experts per layer; 0 for a dense model
/// @param expertsUsed of them per token
/// @param expertFeedForward width of one expert
/// @param sharedExperts experts that every token uses
/// @param vocabulary entries
/// @param tiedHead whether the head is the embedding matrix
/// @param ropeBase of the rotary embedding
/// @param normEpsilon of the norms
/// @param contextTrained the longest context that the makers name, in tokens
/// @param quantization the number format of the matrices unless another is asked for
public record Shape(
        String name,
        String title,
        String source,
        String architecture,
        Attention attention,
        int layersFull,
        int leadingDense,
        int embedding,
        int heads,
        int headsKv,
        int headDim,
        int feedForward,
        int experts,
        int expertsUsed,
        int expertFeedForward,
        int sharedExperts,
        int vocabulary,
        boolean tiedHead,
        float ropeBase,
        float normEpsilon,
        int contextTrained,
        GgmlType quantization) {

    /// How a layer forms its attention heads.
    public enum Attention {
        /// Grouped heads.
        PLAIN,
        /// Grouped heads with a norm on queries and keys.
        NORMED,
        /// Grouped heads with biases and a sink per head, every second layer in a sliding window.
        SINKS,
        /// Latent: keys and values from one compressed vector per token.
        LATENT
    }

    /// Whether its layers choose among experts.
    public boolean mixtureOfExperts() {
        return experts > 0;
    }

    /// The weights of a model of so many layers.
    public List<GgufTensor> tensors(int layers, GgmlType format) {
        return ShapeTensors.of(this, layers, format);
    }

    /// Bytes of the weights of a model of so many layers, which is the size of its file but for a few
    /// kilobytes.
    public long weightBytes(int layers, GgmlType format) {
        return tensors(layers, format).stream().mapToLong(GgufTensor::bytes).sum();
    }

    /// Bytes that one more layer adds to the weights; of a layer with experts where the shape has such.
    public long layerBytes(GgmlType format) {
        int first = leadingDense + 1;
        return weightBytes(first + 1, format) - weightBytes(first, format);
    }

    /// Weight bytes that one decode step must read: of the experts the chosen ones only, of the
    /// embedding one row.
    public long activeBytes(int layers, GgmlType format) {
        return tensors(layers, format).stream().mapToLong(this::activeBytes).sum();
    }

    private long activeBytes(GgufTensor tensor) {
        if (tensor.name().equals("token_embd.weight") && !tiedHead) {
            return tensor.bytes() / vocabulary;
        }
        return tensor.name().contains("_exps.") ? tensor.bytes() / experts * expertsUsed : tensor.bytes();
    }

    /// Memory that the engine needs: the weights, the KV cache of so many tokens, and working buffers.
    public long memoryBytes(int layers, GgmlType format, int context) {
        long perToken = attention == Attention.LATENT
                ? ShapeTensors.LATENT_RANK + ShapeTensors.LATENT_ROPE
                : 2L * headsKv * headDim;
        long cache = Math.multiplyExact(2L * perToken * layers, (long) context);
        long logits = 512L * vocabulary * 4;
        return weightBytes(layers, format) + cache + logits + (256L << 20);
    }
}
