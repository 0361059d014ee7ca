package dev.hourglass.core.model.synthetic;

import dev.hourglass.core.model.gguf.GgmlType;
import dev.hourglass.core.model.gguf.GgufTensor;
import dev.hourglass.core.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Random weights as fast as a disk takes them.
///
/// Quantised matrices are cut from a pool of random blocks, a mebibyte at a time, each one from a
/// place of its own; the scale inside each block of the pool is the one that gives a matrix of
/// spread 1/√inputs, so that activations keep their size through the layers. Embeddings have spread 1, and what
/// a layer adds to them is made smaller by √(2·layers): what attention adds is nearly the same for every token, so
/// that a sum of many layers would leave every token the same, and the router the same choice for all.
/// Half of the scales are negative, because the formats' integers are not centred: their mean alone, added up
/// over the inputs, would outweigh the rest after a few layers, with the same effect. Routers and other small F32
/// matrices are drawn element by element. Norms are 1, biases and sinks 0.
final class RandomWeights implements GgufWriter.Content {
    static final List<GgmlType> SUPPORTED = List.of(
            GgmlType.Q4_0,
            GgmlType.Q5_0,
            GgmlType.Q8_0,
            GgmlType.Q2_K,
            GgmlType.Q3_K,
            GgmlType.Q4_K,
            GgmlType.Q6_K,
            GgmlType.IQ4_NL,
            GgmlType.MXFP4,
            GgmlType.F16,
            GgmlType.F32);

    /// Changes whenever the same seed gives other bytes than before.
    static final int REVISION = 2;

    private static final int POOL_BYTES = 8 << 20;
    private static final int PIECE_BYTES = 1 << 20;

    private static final String EMBEDDINGS = "token_embd.weight";

    private final long seed;
    private final int layersFull;
    private final long total;
    private final GeneratedModel.Progress progress;
    private final Map<String, ByteBuffer> pools = new HashMap<>();
    private long written;

    /// @param layersFull layers of the published model
    RandomWeights(long seed, int layersFull, long total, GeneratedModel.Progress progress) {
        this.seed = seed;
        this.layersFull = layersFull;
        this.total = total;
        this.progress = progress;
    }

    static boolean supports(GgmlType type) {
        return SUPPORTED.contains(type);
    }

    @Override
    public void write(GgufTensor tensor, WritableByteChannel out) throws IOException {
        SplittableRandom random = new SplittableRandom(seed ^ tensor.name().hashCode() * 0x9E37_79B9_7F4A_7C15L);
        if (tensor.type() == GgmlType.F32) {
            send(plain(tensor, random), out);
        } else {
            blocks(tensor, random, out);
        }
    }

    private double spread(GgufTensor tensor) {
        if (tensor.name().equals(EMBEDDINGS)) {
            return 1;
        }
        boolean adds = tensor.name().contains(".attn_output.") || tensor.name().contains(".ffn_down");
        return 1 / Math.sqrt((double) tensor.shape().getFirst() * (adds ? 2 * layersFull : 1));
    }

    private void blocks(GgufTensor tensor, SplittableRandom random, WritableByteChannel out) throws IOException {
        int block = tensor.type().blockBytes();
        double spread = spread(tensor);
        ByteBuffer pool = pools.computeIfAbsent(tensor.type() + " " + spread, _ -> pool(tensor.type(), spread));
        int most = PIECE_BYTES / block * block;
        long left = tensor.bytes();
        while (left > 0) {
            int size = (int) Math.min(left, most);
            int from = random.nextInt((pool.capacity() - size) / block + 1) * block;
            send(pool.slice(from, size), out);
            left -= size;
        }
    }

    private ByteBuffer pool(GgmlType type, double spread) {
        ByteBuffer pool = ByteBuffer.allocateDirect(POOL_BYTES / type.blockBytes() * type.blockBytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        SplittableRandom random = new SplittableRandom(seed * 31 + type.id());
        if (type == GgmlType.F16) {
            while (pool.remaining() >= 2) {
                pool.putShort(Float.floatToFloat16((float) ((random.nextDouble() - 0.5) * spread * Math.sqrt(12))));
            }
        } else {
            while (pool.remaining() >= Long.BYTES) {
                pool.putLong(random.nextLong());
            }
        }
        Scales.stamp(pool.clear(), type, spread, random);
        return pool;
    }

    private ByteBuffer plain(GgufTensor tensor, SplittableRandom random) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        boolean constant = tensor.shape().size() == 1 || tensor.name().endsWith(".bias");
        float value = tensor.name().contains("norm") ? 1f : 0f;
        double spread = spread(tensor);
        while (bytes.hasRemaining()) {
            bytes.putFloat(constant ? value : (float) (random.nextGaussian() * spread));
        }
        return bytes.flip();
    }

    private void send(ByteBuffer bytes, WritableByteChannel out) throws IOException {
        written += bytes.remaining();
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        progress.written(written, total);
    }

    /// Where a block keeps its scale, and which scale gives random blocks a wanted spread.
    ///
    /// The divisor of each format is the spread of its elements at scale 1 when every other bit of
    /// the block is a fair coin. Formats with a minimum keep the mean at zero through it.
    private static final class Scales {
        private Scales() {}

        /// The scale's bytes; empty for a format without one.
        private static byte[] of(GgmlType type, double spread) {
            return switch (type) {
                case Q4_0 -> half(spread / 4.6);
                case Q5_0 -> half(spread / 9.2);
                case Q8_0 -> half(spread / 73.9);
                case IQ4_NL -> half(spread / 67);
                case Q2_K -> half(spread / 13.9, 1.5 * spread / 13.9);
                case Q3_K -> half(spread / 43);
                case Q4_K -> half(spread / 258, 7.5 * spread / 258);
                case Q6_K -> half(spread / 1366);
                case MXFP4 -> new byte[] {(byte) (127 + Math.round(Math.log(spread / 2.93) / Math.log(2)))};
                default -> new byte[0];
            };
        }

        static void stamp(ByteBuffer blocks, GgmlType type, double spread, SplittableRandom random) {
            byte[] scale = of(type, spread);
            if (scale.length == 0) {
                return;
            }
            // an exponent alone has no sign; its elements have
            byte[] other = type == GgmlType.MXFP4 ? scale : of(type, -spread);
            int at = offset(type);
            for (int block = 0; block < blocks.limit(); block += type.blockBytes()) {
                blocks.put(block + at, random.nextBoolean() ? scale : other);
            }
        }

        private static int offset(GgmlType type) {
            return switch (type) {
                case Q2_K -> 80;
                case Q3_K -> 108;
                case Q6_K -> 208;
                default -> 0;
            };
        }

        private static byte[] half(double... values) {
            ByteBuffer out = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (double value : values) {
                out.putShort(Float.floatToFloat16((float) value));
            }
            return out.array();
        }
    }
}
