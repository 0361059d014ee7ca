package dev.hourglass.core.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How a model's weights are stored: as its configuration declares, or as the files' headers say,
/// which then wins.
public sealed interface Storage {
    /// The format of weights that no quantisation covers.
    DType plain();

    /// The format of what flows between operators: the plain one, or 16 bits where that is narrower.
    default DType activations() {
        return plain().bits() < DType.BF16.bits() ? DType.BF16 : plain();
    }

    /// The format of keys and values, where the checkpoint declares one; otherwise that of the
    /// activations.
    default DType cache() {
        return activations();
    }

    /// Why the bytes of the weights cannot be known; empty where they can.
    default Optional<String> unknown() {
        return Optional.empty();
    }

    /// Bytes of a weight of a module; a fraction where only averages over a group are known, not a
    /// number where nothing is.
    double bytes(String module, Weight weight);

    /// In what a matrix unit multiplies this weight: `fp8`, `bf16`.
    String compute(String module, Weight weight);

    /// What shares a scale in a weight; nothing where it is plain or not declared.
    default WeightFormat.Block block(String module, Weight weight) {
        return WeightFormat.Block.TENSOR;
    }

    /// Bytes of all weights by format; empty where they are not known.
    Map<String, Long> bytesByFormat(Model model);

    /// Where the sizes come from, for people.
    String origin();

    /// As declared.
    record Declared(DType plain, Optional<Quantization> quantization, String origin) implements Storage {
        public Declared(DType plain, Optional<Quantization> quantization) {
            this(plain, quantization, "declared in the configuration");
        }

        private WeightFormat format(String module, Weight weight) {
            return quantization.flatMap(q -> q.format(module, weight)).orElseGet(() -> WeightFormat.plain(plain));
        }

        @Override
        public WeightFormat.Block block(String module, Weight weight) {
            return format(module, weight).block();
        }

        @Override
        public DType cache() {
            return quantization.flatMap(Quantization::cache).orElseGet(this::activations);
        }

        @Override
        public Optional<String> unknown() {
            return quantization.flatMap(Quantization::unknown);
        }

        @Override
        public double bytes(String module, Weight weight) {
            return unknown().isPresent() && weight.kind() == Weight.Kind.MATRIX
                    ? Double.NaN
                    : format(module, weight).bytes(weight);
        }

        @Override
        public String compute(String module, Weight weight) {
            String compute = format(module, weight).compute();
            return compute.isEmpty() ? activations().label() : compute;
        }

        @Override
        public Map<String, Long> bytesByFormat(Model model) {
            Map<String, Long> sums = new LinkedHashMap<>();
            if (unknown().isPresent()) {
                return sums;
            }
            model.everySection()
                    .forEach(section -> section.operators()
                            .forEach(operator -> operator.weights().forEach(weight -> {
                                WeightFormat format = format(section.path(operator), weight);
                                sums.merge(format.label(), format.bytes(weight), Math::addExact);
                            })));
            sums.values().removeIf(bytes -> bytes == 0);
            return sums;
        }

    }

    /// As the headers of the weight files say: exact in total and by format, averaged within a
    /// group of operators.
    ///
    /// @param declared what the configuration declares: in which format products run
    record Headers(Storage declared, StoredTensors tensors, Map<Group, Double> bytesPerElement) implements Storage {
        @Override
        public DType plain() {
            return declared.plain();
        }

        @Override
        public WeightFormat.Block block(String module, Weight weight) {
            return declared.block(module, weight);
        }

        @Override
        public DType cache() {
            return declared.cache();
        }

        @Override
        public double bytes(String module, Weight weight) {
            Double perElement = bytesPerElement.get(weight.group());
            return perElement == null ? declared.bytes(module, weight) : perElement * weight.elements();
        }

        @Override
        public String compute(String module, Weight weight) {
            return declared.compute(module, weight);
        }

        @Override
        public Map<String, Long> bytesByFormat(Model model) {
            return tensors.bytesByFormat();
        }

        @Override
        public String origin() {
            return "from the headers of " + tensors.files() + (tensors.files() == 1 ? " file" : " files");
        }
    }
}
