package dev.hourglass.app;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// All classes and sources of the product, for the tests that hold rules against them.
final class Product {
    /// What all packages begin with.
    static final String ROOT = "dev.hourglass.";

    static final Path CHECKOUT = Path.of("").toAbsolutePath().resolveSibling("");

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.hourglass");

    private Product() {}

    static Stream<Path> sources() {
        return Stream.of("core", "device", "app")
                .map(module -> CHECKOUT.resolve(module).resolve("src/main/java"))
                .flatMap(Product::walk)
                .filter(file -> file.toString().endsWith(".java"));
    }

    /// Sources of packages, without descriptors of modules.
    static List<Path> codeFiles() {
        try (Stream<Path> files = sources()) {
            return files.filter(file -> !file.endsWith("module-info.java")).toList();
        }
    }

    static Stream<Path> walk(Path root) {
        try {
            return Files.walk(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
