package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.cpu.Assembler.Base;
import dev.hourglass.device.bench.cpu.Assembler.Code;

/// Loops in machine code that do one thing as often as the processor can.
///
/// Each is a function `(n, a, b, c, times, constants)`: an inner loop of n iterations, over the same memory `times`
/// times.
final class Programs {
    /// Bytes of a vector of AVX-512, and of AVX2.
    static final int LONG_VECTOR = 64;

    static final int SHORT_VECTOR = 32;
    /// Vectors that one iteration of a loop over memory moves.
    static final int UNROLLED = 8;
    /// Multiplications in a row of the clock's loop, each three cycles long.
    static final int SQUARES = 32;

    static final int SQUARE_CYCLES = 3;
    /// Tiles that are added to; two more hold the factors.
    static final int TILE_SUMS = 6;
    /// Rows of a tile, and bytes of one.
    static final int TILE_ROWS = 16;

    static final int TILE_ROW_BYTES = 64;
    static final int TILE_BYTES = TILE_ROWS * TILE_ROW_BYTES;

    private Programs() {}

    /// Sums of the arithmetic loops: all registers but the two that hold the factors.
    static int sums(int vectorBytes) {
        return new Assembler(vectorBytes).registers() - 2;
    }

    /// `sum = sum · x + y` in every register; `a` holds the sums and, behind them, x and y. The sums are stored.
    static byte[] multiplyAdd(int vectorBytes, boolean doubles) {
        Code code = doubles ? Assembler.MULTIPLY_ADD_DOUBLES : Assembler.MULTIPLY_ADD;
        return arithmetic(vectorBytes, (out, sum, x, y) -> out.vector(code, sum, x, y));
    }

    /// `sum = sum + x · y`, products of bytes or of bfloat16 summed by groups.
    static byte[] dot(int vectorBytes, Code code) {
        return arithmetic(vectorBytes, (out, sum, x, y) -> out.vector(code, sum, x, y));
    }

    private interface Operation {
        void emit(Assembler out, int sum, int x, int y);
    }

    private static byte[] arithmetic(int vectorBytes, Operation operation) {
        Assembler out = new Assembler(vectorBytes);
        int sums = sums(vectorBytes);
        for (int r = 0; r < out.registers(); r++) {
            out.memory(Assembler.LOAD, r, Base.RSI, r * vectorBytes);
        }
        int start = out.position();
        for (int r = 0; r < sums; r++) {
            operation.emit(out, r, sums, sums + 1);
        }
        out.loop(Base.RDI, start);
        for (int r = 0; r < sums; r++) {
            out.memory(Assembler.STORE, r, Base.RSI, r * vectorBytes);
        }
        return out.end().bytes();
    }

    /// `sum = sum + x · y` of tiles; `a` holds their shapes, `b` the sums and, behind them, x and y; `c` is no
    /// address
    /// but the distance of rows, [#TILE_ROW_BYTES].
    static byte[] tiles(boolean bytes) {
        Assembler out = new Assembler(LONG_VECTOR);
        out.tileShapes(Base.RSI);
        out.move(Base.RAX, Base.RDX);
        for (int tile = 0; tile < TILE_SUMS + 2; tile++) {
            out.tileLoad(tile, Base.RAX, Base.RCX).add(Base.RAX, TILE_BYTES);
        }
        int start = out.position();
        for (int tile = 0; tile < TILE_SUMS; tile++) {
            out.tileDot(bytes, tile, TILE_SUMS, TILE_SUMS + 1);
        }
        out.loop(Base.RDI, start);
        for (int tile = 0; tile < TILE_SUMS; tile++) {
            out.tileStore(tile, Base.RDX, Base.RCX).add(Base.RDX, TILE_BYTES);
        }
        return out.tileRelease().end().bytes();
    }

    /// Multiplications that wait for each other, n times [#SQUARES].
    static byte[] clock() {
        Assembler out = new Assembler(SHORT_VECTOR);
        int start = out.position();
        for (int i = 0; i < SQUARES; i++) {
            out.square(Base.RAX);
        }
        return out.loop(Base.RDI, start).end().bytes();
    }

    /// Loads all of `a`.
    static byte[] read(int vectorBytes) {
        return stream(vectorBytes, (out, register, at) -> out.memory(Assembler.LOAD, register, Base.RSI, at));
    }

    /// `b = a`.
    static byte[] copy(int vectorBytes, boolean pastCaches) {
        Code store = store(pastCaches);
        return stream(
                vectorBytes,
                (out, register, at) ->
                        out.memory(Assembler.LOAD, register, Base.RSI, at).memory(store, register, Base.RDX, at));
    }

    /// `c = a + s · b` of floats; the vector s is the first of the constants.
    static byte[] triad(int vectorBytes, boolean pastCaches) {
        Code store = store(pastCaches);
        return stream(
                vectorBytes,
                (out, register, at) -> out.memory(Assembler.LOAD, register, Base.RDX, at)
                        .memory(Assembler.MULTIPLY_ADD, register, out.registers() - 1, Base.RSI, at)
                        .memory(store, register, Base.RCX, at));
    }

    /// Loads all of `a`; each vector is multiplied and added to `depth` times, by x and y,
    /// the constants.
    static byte[] knee(int vectorBytes, int depth) {
        Assembler out = new Assembler(vectorBytes);
        int x = out.registers() - 1;
        int y = out.registers() - 2;
        begin(out);
        int outer = outer(out);
        int start = out.position();
        for (int v = 0; v < UNROLLED; v++) {
            out.memory(Assembler.LOAD, v, Base.RSI, v * vectorBytes);
        }
        for (int d = 0; d < depth; d++) {
            for (int v = 0; v < UNROLLED; v++) {
                out.vector(Assembler.MULTIPLY_ADD, v, x, y);
            }
        }
        return finish(out, start, outer);
    }

    private static Code store(boolean pastCaches) {
        return pastCaches ? Assembler.STORE_PAST_CACHES : Assembler.STORE;
    }

    private interface Element {
        void emit(Assembler out, int register, int displacement);
    }

    private static byte[] stream(int vectorBytes, Element element) {
        Assembler out = new Assembler(vectorBytes);
        begin(out);
        int outer = outer(out);
        int start = out.position();
        for (int v = 0; v < UNROLLED; v++) {
            element.emit(out, v, v * vectorBytes);
        }
        return finish(out, start, outer);
    }

    private static void begin(Assembler out) {
        out.memory(Assembler.LOAD, out.registers() - 1, Base.R9, 0);
        out.memory(Assembler.LOAD, out.registers() - 2, Base.R9, out.vectorBytes());
        out.move(Base.RAX, Base.RDI)
                .move(Base.R9, Base.RSI)
                .move(Base.R10, Base.RDX)
                .move(Base.R11, Base.RCX);
    }

    private static int outer(Assembler out) {
        int outer = out.position();
        out.move(Base.RDI, Base.RAX)
                .move(Base.RSI, Base.R9)
                .move(Base.RDX, Base.R10)
                .move(Base.RCX, Base.R11);
        return outer;
    }

    private static byte[] finish(Assembler out, int start, int outer) {
        int step = UNROLLED * out.vectorBytes();
        out.add(Base.RSI, step).add(Base.RDX, step).add(Base.RCX, step).loop(Base.RDI, start);
        return out.loop(Base.R8, outer).fence().end().bytes();
    }
}
