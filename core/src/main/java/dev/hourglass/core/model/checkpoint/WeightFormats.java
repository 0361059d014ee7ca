package dev.hourglass.core.model.checkpoint;

import dev.hourglass.core.model.WeightFormat;
import dev.hourglass.core.model.WeightFormat.Block;
import dev.hourglass.core.model.keys.Keys;
import java.util.List;

/// The formats that quantisations use, by what they store.
final class WeightFormats {
    private static final int HALF = 16;
    private static final int SINGLE = 32;

    private WeightFormats() {}

    /// Four-bit floats with an eight-bit power of two per 32.
    static final WeightFormat MXFP4 = WeightFormat.scaled("mxfp4", "fp4", 4, Block.group(32), 8);

    /// Eight-bit floats with an eight-bit power of two per 32.
    static final WeightFormat MXFP8 = WeightFormat.scaled("mxfp8", "fp8", 8, Block.group(32), 8);

    /// Four-bit floats with an eight-bit float per group and, per matrix, scales of it and its input.
    static WeightFormat nvfp4(long group) {
        return WeightFormat.scaled("nvfp4", "fp4", 4, Block.group(group), 8).perMatrix(8);
    }

    /// The same without a scale of the input: products run in the activations' format.
    static WeightFormat nvfp4Weights(long group) {
        return WeightFormat.scaled("nvfp4", "", 4, Block.group(group), 8).perMatrix(4);
    }

    /// @param inputScale whether the checkpoint also holds a scale of the input
    static WeightFormat fp8PerTensor(boolean inputScale) {
        return WeightFormat.scaled("fp8 per tensor", "fp8", 8, Block.TENSOR, SINGLE)
                .perMatrix(inputScale ? 4 : 0);
    }

    static WeightFormat fp8PerRow() {
        return WeightFormat.scaled("fp8 per row", "fp8", 8, Block.ROW, SINGLE);
    }

    static WeightFormat fp8Blocks(long rows, long columns) {
        return WeightFormat.scaled("fp8 " + rows + "x" + columns, "fp8", 8, new Block(rows, columns), SINGLE);
    }

    static WeightFormat intPerRow(int bits) {
        return WeightFormat.scaled("int" + bits + " per row", "int" + bits, bits, Block.ROW, HALF);
    }

    /// Integers with a 16-bit scale per group of a row; 0 for the whole row.
    static WeightFormat grouped(String method, int bits, long group) {
        String label = method + " " + bits + " bit, " + (group == 0 ? "per row" : "group " + group);
        return WeightFormat.scaled(label, "", bits, group == 0 ? Block.ROW : Block.group(group), HALF);
    }

    /// Blocks of rows and columns under `key`.
    static List<Long> blocks(Keys k, String key) {
        List<Long> block = k.counts(key);
        if (!block.isEmpty() && (block.size() != 2 || block.contains(0L))) {
            throw k.wrong(key, "two whole numbers above 0");
        }
        return block;
    }
}
