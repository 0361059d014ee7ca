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
/// @param blockRows rows that share a scale; 0 for all
/// @param blockColumns columns that share a scale; 0 for all
/// @param scaleBits per block; 0 for none
/// @param zeroBits zero point per block
/// @param indexBytes per column, for a permutation of columns
/// @param tensorBytes per matrix
public record WeightFormat(
        String label,
        String compute,
        int bits,
        long blockRows,
        long blockColumns,
        int scaleBits,
        int zeroBits,
        int indexBytes,
        int tensorBytes) {

    static WeightFormat plain(DType type) {
        return new WeightFormat(type.label(), type.label(), type.bits(), 0, 0, 0, 0, 0, 0);
    }

    /// Bytes of all `count` matrices of a weight.
    public long bytes(Weight weight) {
        long rows = weight.rows();
        long columns = weight.columns();
        long payload = Math.ceilDiv(Math.multiplyExact(Math.multiplyExact(rows, columns), bits), 8L);
        long blocks = scaleBits + zeroBits == 0 ? 0 : blocks(rows, blockRows) * blocks(columns, blockColumns);
        long extra =
                Math.ceilDiv(Math.multiplyExact(blocks, scaleBits + zeroBits), 8L) + columns * indexBytes + tensorBytes;
        return Math.multiplyExact(weight.count(), Math.addExact(payload, extra));
    }

    private static long blocks(long length, long block) {
        return block == 0 ? 1 : Math.ceilDiv(length, block);
    }
}
