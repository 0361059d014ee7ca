package dev.hourglass.device.llama;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The engine's library for CUDA, as its file tells: which libraries it needs, and for which GPUs it has code.
///
/// ```
/// ELF, 64 bits: 40 u64 section table | 58 u16 bytes of an entry | 60 u16 entries | 62 u16 entry of the names
/// section:       0 u32 name | 24 u64 offset | 32 u64 size
/// .dynamic:      i64 tag (1 NEEDED) | u64 offset in .dynstr
/// .nv_fatbin:    u32 0xBA55ED50 | u16 version | u16 header | u64 bytes of what follows, 8-aligned, one behind the
/// other
/// its entries:   u16 kind (1 PTX, 2 machine code) | u16 | u32 header | u64 payload | … 24 u16 minor, u16 major | 28
/// u32 sm
/// ```
///
/// @param needed names of libraries that it needs
/// @param units compiled parts, each with what code it has
record CudaLibrary(List<String> needed, List<Unit> units) {
    private static final int ELF_HEADER = 64;
    private static final int NEEDED = 1;
    private static final int FATBIN = 0xBA55ED50;
    private static final int FATBIN_HEADER = 16;
    private static final int ENTRY_HEADER = 32;
    private static final int PTX = 1;
    private static final int MACHINE_CODE = 2;
    private static final int ALIGNMENT = 8;
    private static final int WORD = 2;

    /// Of PTX, versions of the language whose driver is numbered otherwise: 9.0 belongs to CUDA 13.0, 8.x to 12.x,
    /// 7.x to 11.x.
    private static final int MAJOR_APART = 4;

    CudaLibrary {
        needed = List.copyOf(needed);
        units = List.copyOf(units);
    }

    /// Code for one architecture.
    ///
    /// @param ptx whether the driver has to translate it
    /// @param sm for example 90
    /// @param driver version of the driver's interface that it takes to translate it, for example 13010
    record Code(boolean ptx, int sm, int driver) {
        /// Machine code runs on its own generation from its own member on.
        private boolean runsOn(int capability) {
            return !ptx && sm / 10 == capability / 10 && sm <= capability;
        }

        private boolean translatesFor(int capability, int driverVersion) {
            return ptx && sm <= capability && driver <= driverVersion;
        }
    }

    /// A compiled part.
    record Unit(List<Code> codes) {
        Unit {
            codes = List.copyOf(codes);
        }
    }

    /// Units with machine code for a GPU.
    long ready(int capability) {
        return units.stream()
                .filter(unit -> unit.codes().stream().anyMatch(code -> code.runsOn(capability)))
                .count();
    }

    /// Units that the driver can translate for a GPU, and has to.
    long translatable(int capability, int driver) {
        return units.stream()
                .filter(unit -> unit.codes().stream().noneMatch(code -> code.runsOn(capability))
                        && unit.codes().stream().anyMatch(code -> code.translatesFor(capability, driver)))
                .count();
    }

    /// The newest interface of the driver that any of its code asks for.
    int newestDriver() {
        return units.stream()
                .flatMap(unit -> unit.codes().stream())
                .mapToInt(Code::driver)
                .max()
                .orElse(0);
    }

    /// @throws IOException if it cannot be read, or is no such file
    static CudaLibrary read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = bytes(channel, 0, ELF_HEADER);
            if (head.getInt(0) != EngineLibraries.ELF_MAGIC) {
                throw new IOException(file + " is no shared library");
            }
            Map<String, ByteBuffer> sections = sections(channel, head);
            return new CudaLibrary(needed(sections), units(sections));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException(file + " is damaged", e);
        }
    }

    private static ByteBuffer bytes(FileChannel channel, long offset, long size) throws IOException {
        if (offset < 0 || size < 0 || offset + size > channel.size()) {
            throw new IllegalArgumentException("a section lies outside the file");
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, offset, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Map<String, ByteBuffer> sections(FileChannel channel, ByteBuffer head) throws IOException {
        int size = Short.toUnsignedInt(head.getShort(58));
        int count = Short.toUnsignedInt(head.getShort(60));
        ByteBuffer table = bytes(channel, head.getLong(40), (long) size * count);
        int named = Short.toUnsignedInt(head.getShort(62)) * size;
        ByteBuffer names = bytes(channel, table.getLong(named + 24), table.getLong(named + 32));
        Map<String, ByteBuffer> sections = new HashMap<>();
        for (int at = 0; at < table.limit(); at += size) {
            String name = text(names, table.getInt(at));
            if (List.of(".dynamic", ".dynstr", ".nv_fatbin").contains(name)) {
                sections.put(name, bytes(channel, table.getLong(at + 24), table.getLong(at + 32)));
            }
        }
        return sections;
    }

    private static String text(ByteBuffer buffer, int at) {
        int end = at;
        while (buffer.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        buffer.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static List<String> needed(Map<String, ByteBuffer> sections) {
        List<String> needed = new ArrayList<>();
        ByteBuffer dynamic = sections.getOrDefault(".dynamic", ByteBuffer.allocate(0));
        ByteBuffer names = sections.getOrDefault(".dynstr", ByteBuffer.allocate(0));
        for (int at = 0; at + WORD * Long.BYTES <= dynamic.limit(); at += WORD * Long.BYTES) {
            if (dynamic.getLong(at) == NEEDED) {
                needed.add(text(names, (int) dynamic.getLong(at + Long.BYTES)));
            }
        }
        return needed;
    }

    private static List<Unit> units(Map<String, ByteBuffer> sections) {
        List<Unit> units = new ArrayList<>();
        ByteBuffer code = sections.getOrDefault(".nv_fatbin", ByteBuffer.allocate(0));
        int at = 0;
        while (at + FATBIN_HEADER <= code.limit()) {
            if (code.getInt(at) != FATBIN) {
                at += ALIGNMENT;
                continue;
            }
            int begin = at + Short.toUnsignedInt(code.getShort(at + 6));
            int end = Math.toIntExact(Math.min(code.limit(), begin + code.getLong(at + 8)));
            units.add(unit(code, begin, end));
            at = Math.max(at + FATBIN_HEADER, (end + ALIGNMENT - 1) & -ALIGNMENT);
        }
        return units;
    }

    private static Unit unit(ByteBuffer code, int begin, int end) {
        List<Code> codes = new ArrayList<>();
        int at = begin;
        while (at + ENTRY_HEADER <= end) {
            int kind = Short.toUnsignedInt(code.getShort(at));
            long size = Integer.toUnsignedLong(code.getInt(at + 4)) + code.getLong(at + 8);
            if (size < ENTRY_HEADER || size > end - at) {
                break;
            }
            if (kind == PTX || kind == MACHINE_CODE) {
                codes.add(new Code(kind == PTX, code.getInt(at + 28), kind == PTX ? driver(code, at) : 0));
            }
            at += (int) size;
        }
        return new Unit(codes);
    }

    private static int driver(ByteBuffer code, int at) {
        int minor = Short.toUnsignedInt(code.getShort(at + 24));
        int major = Short.toUnsignedInt(code.getShort(at + 26));
        return (major + MAJOR_APART) * 1000 + minor * 10;
    }
}
