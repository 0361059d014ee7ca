package dev.hourglass.device.ffi.cuda;

/// How many threads a kernel has.
///
/// @param x blocks along x
/// @param y blocks along y
/// @param z blocks along z
/// @param threads of a block
/// @param sharedBytes of dynamic shared memory of a block
public record Grid(int x, int y, int z, int threads, int sharedBytes) {
    public static Grid of(long blocks, int threads) {
        return new Grid(Math.toIntExact(blocks), 1, 1, threads, 0);
    }

    int[] numbers() {
        return new int[] {x, y, z, threads, 1, 1, sharedBytes};
    }
}
