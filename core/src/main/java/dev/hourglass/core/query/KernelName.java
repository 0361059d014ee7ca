package dev.hourglass.core.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a kernel's name tells: a short form for people, what part of a model it is likely to be, and
/// whether kernels of its kind are limited by memory or by arithmetic.
///
/// Names are hints, not proof: whoever uses the last two says that they are inferred.
///
/// @param shortName without return type, arguments and template lists; the functor of a generic
///     element-wise kernel and the operation of a generic matrix kernel are kept
/// @param category attention, gemm, moe, convolution, norm, elementwise, reduction, embedding, sampling,
///     copy, communication or other
/// @param nature memory, compute or unknown
public record KernelName(String shortName, String category, String nature) {
    private record Rule(String category, Pattern pattern) {}

    private static final List<Rule> RULES = List.of(
            rule(
                    "communication",
                    "nccl|rccl|nvshmem|deep_?ep|all_?reduce|all_?gather|reduce_?scatter|all_?to_?all"
                            + "|symm_mem|cross_device_reduce|all2all|\\ba2a|mscclpp|nixl|one_?shot_|two_?shot_|sendrecv"),
            rule("moe", "moe|topk_?gating|group(ed)?_?gemm|groupproblemshape|expert"),
            rule(
                    "attention",
                    "flash|fmha|sdpa|attention|paged|\\bmla|_mla|attn|_att_|reshape_and_cache|rotary|rope|kv_?cache"
                            + "|batch_?(prefill|decode)|single_?(prefill|decode)|^_fwd_"),
            rule("norm", "layer_?norm|rms_?norm|norm_kernel|batch_?norm|group_?norm|l2_?norm"),
            rule(
                    "sampling",
                    "top_?k|top_?p|radix|bitonic|argmax|argmin|multinomial|sampl|\\bsort|soft_?max|logits|distribution"),
            rule("copy", "nchwtonhwc|nhwctonchw"),
            rule(
                    "convolution",
                    "implicit_(con|g)|fprop|dgrad|wgrad|winograd|convolv|conv(olution)?_?[123]?d|igemm_(fwd|bwd|wrw)|asmconv"
                            + "|depthwise"),
            rule(
                    "gemm",
                    "gemm|gemv|nvjet|xmma|matmul|splitkreduce|cublas|cutlass|wgmma|dot_kernel|tensorop|cijk_|marlin"
                            + "|machete|awq|gptq|exllama|mul_mat|scaled_mm|triton_(tem|mm)|\\bmm_kernel|mfma"),
            rule("embedding", "embedding|index_?select|gather_kernel|indexing_backward|get_rows"),
            rule(
                    "copy",
                    "memcpy|memset|copy_kernel|copy_device|copybuffer|fillbuffer|catarray|fillfunctor|transpose|permute"
                            + "|slot_mapping|\\bcpy_"),
            rule(
                    "elementwise",
                    "elementwise|silu|gelu|act_and_mul|pointwise|triton_poi|where_kernel|masked_fill|quantize|bin_bcast"),
            rule("reduction", "reduc|triton_red|triton_per|scan|cumsum"));
    private static final List<String> STREAMING =
            List.of("norm", "elementwise", "reduction", "embedding", "copy", "sampling");
    /// Products with a single vector, and the sum over the parts of a product.
    private static final Pattern VECTOR = Pattern.compile("(?i)gemv|splitKreduce|mul_mat_vec");
    /// Attention of one new token reads the whole cache for it; of a prompt it computes.
    private static final Pattern DECODING = Pattern.compile("(?i)decode|split_?kv|paged_attention_v[12]|_mtp_");
    private static final Pattern PREFILLING = Pattern.compile("(?i)prefill|extend");
    /// Convolutions that do little with each value: one channel at a time, or one position of a sequence.
    private static final Pattern THIN_CONVOLUTION = Pattern.compile("(?i)depthwise|causal_conv|conv1d");
    private static final Pattern TILE = Pattern.compile("(?<![0-9])(\\d{1,3})x(\\d{1,3})(?![0-9])");
    private static final Pattern FUNCTOR =
            Pattern.compile("(?<!\\w)(\\w*(?:Functor|_kernel_impl|_kernel_cuda|_kernel|Ops|Op))(?=\\w*[<(>,])");
    private static final Pattern MANGLED_PART = Pattern.compile("(\\d{1,4})");
    private static final int SMALL_TILE = 32;
    private static final int LARGE_TILE = 128;
    private static final int LONGEST = 96;
    /// Characters of a name that are looked at; what is longer was not written by a compiler.
    private static final int READ = 4096;

    /// Reads a name as the driver gives it, mangled or not.
    public static KernelName of(String name) {
        String read = name.length() <= READ ? name : name.substring(0, READ);
        String category = category(read);
        return new KernelName(shorten(read), category, nature(read, category));
    }

    private static Rule rule(String category, String pattern) {
        return new Rule(category, Pattern.compile(pattern));
    }

    private static String category(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return RULES.stream()
                .filter(rule -> rule.pattern().matcher(lower).find())
                .findFirst()
                .map(Rule::category)
                .orElse("other");
    }

    /// A matrix kernel with a tile of few rows serves few tokens and so waits for weights; one with
    /// large tiles is chosen for many. A convolution over many channels uses each value often.
    private static String nature(String name, String category) {
        if (STREAMING.contains(category) || VECTOR.matcher(name).find()) {
            return "memory";
        }
        if (category.equals("attention")) {
            return DECODING.matcher(name).find()
                    ? "memory"
                    : PREFILLING.matcher(name).find() ? "compute" : "unknown";
        }
        if (category.equals("convolution")) {
            return THIN_CONVOLUTION.matcher(name).find() ? "memory" : "compute";
        }
        Matcher tile = TILE.matcher(name);
        if (category.equals("gemm") && tile.find()) {
            int small = Math.min(Integer.parseInt(tile.group(1)), Integer.parseInt(tile.group(2)));
            return small <= SMALL_TILE ? "memory" : small >= LARGE_TILE ? "compute" : "unknown";
        }
        return "unknown";
    }

    private static String shorten(String name) {
        if (name.startsWith("_Z")) {
            return cut(demangled(name));
        }
        String bare = name.replace("(anonymous namespace)::", "").replaceFirst("^void ", "");
        String base = withoutLists(bare);
        String last = base.substring(base.lastIndexOf("::") + 1).replaceFirst("^:", "");
        Matcher functor = FUNCTOR.matcher(bare.substring(Math.min(bare.length(), base.length())));
        boolean generic = base.matches(".*(elementwise_kernel|reduce_kernel|device_kernel|\\bKernel2?)$");
        return cut(generic && functor.find() ? last + " " + functor.group(1) : last);
    }

    /// Up to the first template or argument list.
    private static String withoutLists(String name) {
        int end = name.length();
        int angle = name.indexOf('<');
        int round = name.indexOf('(');
        end = angle > 0 ? Math.min(end, angle) : end;
        end = round > 0 ? Math.min(end, round) : end;
        return name.substring(0, end).strip();
    }

    /// The nested name at the front of a mangled one (Itanium ABI): `_ZN7cutlass13device_kernelI…` is
    /// `cutlass::device_kernel`. Template arguments are left out.
    private static String demangled(String name) {
        List<String> parts = new ArrayList<>();
        int at = name.startsWith("_ZN") ? 3 : 2;
        while (at < name.length() && Character.isDigit(name.charAt(at))) {
            Matcher length = MANGLED_PART.matcher(name).region(at, name.length());
            if (!length.lookingAt()) {
                break;
            }
            int begin = length.end();
            int end = Math.min(name.length(), begin + Integer.parseInt(length.group(1)));
            parts.add(name.substring(begin, end));
            at = end;
        }
        parts.removeIf(part -> part.startsWith("_GLOBAL__N"));
        return parts.isEmpty() ? name : String.join("::", parts);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
