package dev.hourglass.core.model;

/// How a weight matrix is stored: elements of `bits`, with scales per block and what else a
/// quantisation keeps beside them.
///
/// ```
/// bytes of rows × columns = ⌈rows·columns·bits / 8⌉
///                         + ⌈rows / blockRows⌉·⌈columns / blockColumns⌉·(scaleBits + zeroBits) / 8
///                         + columns·indexBytes + tensorBytes
/// ```
///
/// @param label as people name it: `fp8 128x128`
/// @param compute the format in which a matrix unit multiplies it: `fp8`, `bf16`; empty for the
///     format of the activations
/// @param bits per element
/// @param block what shares a scale
/// @param scaleBits per block; 0 for none
/// @param zeroBits zero point per block
/// @param indexBytes per column, for a permutation of columns
/// @param tensorBytes per matrix
public record WeightFormat(
        String label,
        String compute,
        int bits,
        Block block,
        int scaleBits,
        int zeroBits,
        int indexBytes,
        int tensorBytes) {

    /// Elements that share a scale; 0 for all of a side.
    public record Block(long rows, long columns) {
        /// All elements of a matrix.
        public static final Block TENSOR = new Block(0, 0);

        /// Each row by itself.
        public static final Block ROW = new Block(1, 0);

        /// A stretch of a row.
        public static Block group(long columns) {
            return new Block(1, columns);
        }

        public long of(Weight weight) {
            return blocks(weight.rows(), rows) * blocks(weight.columns(), columns);
        }

        private static long blocks(long length, long block) {
            return block == 0 ? 1 : Math.ceilDiv(length, block);
        }
    }

    public static WeightFormat plain(DType type) {
        return new WeightFormat(type.label(), type.label(), type.bits(), Block.TENSOR, 0, 0, 0, 0);
    }

    /// Elements with a scale per block.
    public static WeightFormat scaled(String label, String compute, int bits, Block block, int scaleBits) {
        return new WeightFormat(label, compute, bits, block, scaleBits, 0, 0, 0);
    }

    public WeightFormat zeros(int perBlock) {
        return new WeightFormat(label, compute, bits, block, scaleBits, perBlock, indexBytes, tensorBytes);
    }

    /// With so many bytes per column, of an order of columns or of factors.
    public WeightFormat perColumn(int bytes) {
        return new WeightFormat(label, compute, bits, block, scaleBits, zeroBits, bytes, tensorBytes);
    }

    /// With so many bytes per matrix, of scales of the whole and of its input.
    public WeightFormat perMatrix(int bytes) {
        return new WeightFormat(label, compute, bits, block, scaleBits, zeroBits, indexBytes, bytes);
    }

    /// Bytes of all `count` matrices of a weight.
    public long bytes(Weight weight) {
        long elements = Math.multiplyExact(weight.rows(), weight.columns());
        long payload = Math.ceilDiv(Math.multiplyExact(elements, bits), 8L);
        long blocks = scaleBits + zeroBits == 0 ? 0 : block.of(weight);
        long extra = Math.ceilDiv(Math.multiplyExact(blocks, scaleBits + zeroBits), 8L)
                + weight.columns() * indexBytes
                + tensorBytes;
        return Math.multiplyExact(weight.count(), Math.addExact(payload, extra));
    }
}
