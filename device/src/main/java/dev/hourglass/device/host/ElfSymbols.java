package dev.hourglass.device.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/// Finds functions in a 64-bit little-endian ELF file.
///
/// ```
/// header:   32 phoff u64 | 40 shoff u64 | 54 phentsize u16 | 56 phnum u16 | 58 shentsize u16 | 60 shnum u16
/// section:  4 type u32 | 24 offset u64 | 32 size u64 | 40 link u32 | 56 entsize u64
/// symbol:   0 name u32 | 4 info u8 | 6 shndx u16 | 8 value u64
/// program:  0 type u32 | 8 offset u64 | 16 vaddr u64 | 32 filesz u64
/// ```
public final class ElfSymbols {
    private static final int HEADER_BYTES = 64;
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64_LITTLE = 0x0102;
    private static final int SYMBOLS = 2;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int FUNCTION = 2;
    private static final int LOAD = 1;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;

    private ElfSymbols(MemorySegment file) {
        this.file = file;
    }

    /// Where in the file the named function begins; empty where the file has no such function, or is not
    /// such a file, or is damaged.
    public static OptionalLong offset(Path library, String function) {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(library, StandardOpenOption.READ)) {
            ElfSymbols elf = new ElfSymbols(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            return elf.known() ? elf.find(function) : OptionalLong.empty();
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException damaged) {
            return OptionalLong.empty();
        }
    }

    private boolean known() {
        return file.byteSize() > HEADER_BYTES && file.get(U32, 0) == MAGIC && u16(4) == CLASS_64_LITTLE;
    }

    private OptionalLong find(String function) {
        long sections = file.get(U64, 40);
        int size = u16(58);
        for (int i = 0; i < u16(60); i++) {
            long section = sections + (long) i * size;
            int type = file.get(U32, section + 4);
            if (type == SYMBOLS || type == DYNAMIC_SYMBOLS) {
                OptionalLong found = findIn(section, sections + (long) size * file.get(U32, section + 40), function);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong findIn(long symbols, long strings, String function) {
        byte[] wanted = (function + '\0').getBytes(StandardCharsets.UTF_8);
        long names = file.get(U64, strings + 24);
        long first = file.get(U64, symbols + 24);
        long entry = Math.max(24, file.get(U64, symbols + 56));
        long end = first + file.get(U64, symbols + 32);
        for (long symbol = first; symbol + entry <= end; symbol += entry) {
            boolean defined = u16(symbol + 6) != 0 && (file.get(ValueLayout.JAVA_BYTE, symbol + 4) & 15) == FUNCTION;
            if (defined && named(names + Integer.toUnsignedLong(file.get(U32, symbol)), wanted)) {
                return fileOffset(file.get(U64, symbol + 8));
            }
        }
        return OptionalLong.empty();
    }

    private boolean named(long at, byte[] wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (file.get(ValueLayout.JAVA_BYTE, at + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    /// From an address in memory to a place in the file, by the segment that is loaded there.
    private OptionalLong fileOffset(long address) {
        long programs = file.get(U64, 32);
        for (int i = 0; i < u16(56); i++) {
            long program = programs + (long) i * u16(54);
            long from = file.get(U64, program + 16);
            if (file.get(U32, program) == LOAD && address >= from && address < from + file.get(U64, program + 32)) {
                return OptionalLong.of(address - from + file.get(U64, program + 8));
            }
        }
        return OptionalLong.empty();
    }

    private int u16(long at) {
        return Short.toUnsignedInt(file.get(U16, at));
    }
}
