package dev.hourglass.device.bench.cpu;

import java.io.ByteArrayOutputStream;

/// The few instructions of x86-64 that the programs need, as the architecture's manual encodes them.
///
/// Vectors are of 64 bytes (EVEX encoding, registers 0 to 31) or of 32 (VEX encoding, registers 0 to 15). Addresses
/// are a base register and a displacement of 32 bits.
/// ```
/// EVEX  62 | R X B R' 0 map(3) | W vvvv 1 pp | z L'L b V' aaa | opcode | ModRM | disp32     (R, X, B, R', vvvv, V'
/// inverted)
/// VEX   C4 | R X B map(5)      | W vvvv L pp | opcode | ModRM | disp32                      (R, X, B, vvvv inverted)
/// ```
final class Assembler {
    /// Registers of the C calling convention, by their number in an instruction.
    enum Base {
        RAX(0),
        RCX(1),
        RDX(2),
        RSI(6),
        RDI(7),
        R8(8),
        R9(9),
        R10(10),
        R11(11);

        private final int number;

        Base(int number) {
            this.number = number;
        }
    }

    /// Mandatory prefix and opcode map of a vector instruction.
    ///
    /// @param prefix 0 none, 1 `66`, 2 `F3`, 3 `F2`
    /// @param map 1 `0F`, 2 `0F 38`
    /// @param wide the bit W
    record Code(int opcode, int prefix, int map, boolean wide) {}

    static final Code LOAD = new Code(0x10, 0, 1, false);
    static final Code STORE = new Code(0x11, 0, 1, false);
    static final Code STORE_PAST_CACHES = new Code(0x2B, 0, 1, false);
    static final Code MULTIPLY_ADD = new Code(0xA8, 1, 2, false);
    static final Code MULTIPLY_ADD_DOUBLES = new Code(0xA8, 1, 2, true);
    static final Code DOT_BYTES = new Code(0x50, 1, 2, false);
    static final Code DOT_BFLOATS = new Code(0x52, 2, 2, false);

    private static final int VEX_REGISTERS = 16;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int vectorBytes;

    Assembler(int vectorBytes) {
        this.vectorBytes = vectorBytes;
    }

    int vectorBytes() {
        return vectorBytes;
    }

    /// Registers that vectors have.
    int registers() {
        return vectorBytes == Programs.LONG_VECTOR ? 2 * VEX_REGISTERS : VEX_REGISTERS;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    int position() {
        return out.size();
    }

    /// Three vector registers: `target` is read too where the instruction adds to it.
    Assembler vector(Code code, int target, int first, int second) {
        prefix(code, target, first, (second >> 3 & 1) == 0, (second >> 4 & 1) == 0);
        emit(0xC0 | ((target & 7) << 3) | (second & 7));
        return this;
    }

    /// Two vector registers and an address.
    Assembler memory(Code code, int target, int first, Base base, int displacement) {
        prefix(code, target, first, base.number < 8, true);
        emit(0x80 | ((target & 7) << 3) | (base.number & 7));
        return number(displacement);
    }

    /// A vector register and an address.
    Assembler memory(Code code, int register, Base base, int displacement) {
        return memory(code, register, 0, base, displacement);
    }

    private void prefix(Code code, int target, int first, boolean noB, boolean noX) {
        boolean noR = (target >> 3 & 1) == 0;
        int w = code.wide ? 0x80 : 0;
        int vvvv = (~first & 15) << 3;
        if (vectorBytes == Programs.LONG_VECTOR) {
            emit(0x62);
            emit(bit(noR, 7) | bit(noX, 6) | bit(noB, 5) | bit((target >> 4 & 1) == 0, 4) | code.map);
            emit(w | vvvv | 4 | code.prefix);
            emit(0x40 | bit((first >> 4 & 1) == 0, 3));
        } else {
            emit(0xC4);
            emit(bit(noR, 7) | 0x40 | bit(noB, 5) | code.map);
            emit(w | vvvv | 4 | code.prefix);
        }
        emit(code.opcode);
    }

    private static int bit(boolean set, int position) {
        return set ? 1 << position : 0;
    }

    Assembler move(Base target, Base source) {
        emit(0x48 | (source.number >> 3) << 2 | target.number >> 3);
        emit(0x89);
        emit(0xC0 | ((source.number & 7) << 3) | (target.number & 7));
        return this;
    }

    Assembler add(Base target, int value) {
        emit(0x48 | target.number >> 3);
        emit(0x81);
        emit(0xC0 | (target.number & 7));
        return number(value);
    }

    /// Multiplies a register by itself: three cycles that the next one waits for.
    Assembler square(Base register) {
        emit(0x48 | (register.number >> 3) * 5);
        emit(0x0F);
        emit(0xAF);
        emit(0xC0 | (register.number & 7) * 9);
        return this;
    }

    /// Counts down, and jumps back while it is not 0.
    Assembler loop(Base counter, int start) {
        emit(0x48 | counter.number >> 3);
        emit(0xFF);
        emit(0xC8 | (counter.number & 7));
        emit(0x0F);
        emit(0x85);
        return number(start - (position() + Integer.BYTES));
    }

    /// Reads the shapes of the tiles.
    Assembler tileShapes(Base address) {
        raw(0xC4, 0xE2, 0x78, 0x49);
        emit(address.number & 7);
        return this;
    }

    /// Loads a tile from rows that lie `stride` bytes apart.
    Assembler tileLoad(int tile, Base address, Base stride) {
        raw(0xC4, 0xE2 & ~bit(stride.number > 7, 6), 0x7B, 0x4B, 0x04 | tile << 3);
        emit(((stride.number & 7) << 3) | (address.number & 7));
        return this;
    }

    Assembler tileStore(int tile, Base address, Base stride) {
        raw(0xC4, 0xE2 & ~bit(stride.number > 7, 6), 0x7A, 0x4B, 0x04 | tile << 3);
        emit(((stride.number & 7) << 3) | (address.number & 7));
        return this;
    }

    /// Adds the product of two tiles, of signed bytes or of bfloat16 pairs, to a third.
    Assembler tileDot(boolean bytes, int target, int first, int second) {
        raw(0xC4, 0xE2, (~second & 15) << 3 | (bytes ? 3 : 2), bytes ? 0x5E : 0x5C);
        emit(0xC0 | target << 3 | first);
        return this;
    }

    Assembler tileRelease() {
        return raw(0xC4, 0xE2, 0x78, 0x49, 0xC0);
    }

    /// Waits until stores past the caches are done.
    Assembler fence() {
        return raw(0x0F, 0xAE, 0xF8);
    }

    /// Leaves the upper halves of the vectors clean, and returns.
    Assembler end() {
        return raw(0xC5, 0xF8, 0x77, 0xC3);
    }

    private Assembler raw(int... bytes) {
        for (int b : bytes) {
            emit(b);
        }
        return this;
    }

    private Assembler number(int value) {
        return raw(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255);
    }

    private void emit(int b) {
        out.write(b);
    }
}
