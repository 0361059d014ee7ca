import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.XZOutputStream;

/// Packs an image's shared libraries into `natives.zip.xz` in a copy of the image, and removes what
/// its first start makes anew. Arguments: the copy's directory.
///
/// The zip inside is stored, so that xz sees the similar engine libraries as one stream.
public final class BuildArchive {
    public static void main(String[] args) throws IOException {
        Path home = Path.of(args[0]);
        List<Path> natives;
        try (Stream<Path> files = Stream.concat(Files.list(home.resolve("lib")), Files.list(home.resolve("engine")))) {
            natives = files.filter(file -> file.getFileName().toString().contains(".so")).sorted().toList();
        }
        try (OutputStream out = Files.newOutputStream(home.resolve("natives.zip.xz"));
                XZOutputStream xz = new XZOutputStream(out, filters());
                ZipOutputStream zip = new ZipOutputStream(xz)) {
            for (Path file : natives) {
                store(zip, home.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        for (Path file : natives) {
            Files.delete(file);
        }
    }

    private static FilterOptions[] filters() throws IOException {
        LZMA2Options lzma = new LZMA2Options(6);
        lzma.setDictSize(32 << 20);
        return System.getProperty("os.arch").equals("amd64")
                ? new FilterOptions[] {new X86Options(), lzma}
                : new FilterOptions[] {lzma};
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
