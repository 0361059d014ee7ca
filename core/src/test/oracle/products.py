"""Case `products`: matrix products by the shapes that a framework records, and what names of kernels tell.

The sizes of each product stand beside its arguments, worked out by hand from what the operator computes.
"""

import json

from golden import Case

CASE = Case("products")
# Operator, shapes, number format, then m, n, k, batch, weight matrices that are read (None: unknown), and the bytes of a number of the two
# matrices and of the result (one number: of all three), and the format in which it multiplies; None: no product.
B, H, E = "c10::BFloat16", "c10::Half", "c10::Float8_e4m3fn"
CALLS = [
    ("aten::mm", [[512, 2048], [2048, 4096]], B, (512, 4096, 2048, 1, 1, 2), "bf16"),
    ("aten::addmm", [[4096], [512, 2048], [2048, 4096], [], []], H, (512, 4096, 2048, 1, 1, 2), "bf16"),
    ("aten::addmm_", [[8, 16], [8, 64], [64, 16], [], []], "double", (8, 16, 64, 1, 1, 8), "fp64"),
    ("aten::_addmm_activation", [[16], [8, 65], [65, 16], [], [], []], "float", (8, 16, 65, 1, 1, 4), "fp32"),
    ("aten::bmm", [[16, 512, 128], [16, 128, 511]], "float", (512, 511, 128, 16, 1, 4), "fp32"),
    ("aten::baddbmm", [[16, 5, 7], [16, 5, 12], [16, 12, 7], [], []], B, (5, 7, 12, 16, 1, 2), "bf16"),
    ("aten::baddbmm_", [[3, 5, 7], [3, 5, 12], [3, 12, 7], [], []], B, (5, 7, 12, 3, 1, 2), "bf16"),
    ("aten::mv", [[512, 2048], [2048]], "float", (512, 1, 2048, 1, 1, 4), "fp32"),
    ("aten::addmv", [[512], [512, 2047], [2047], [], []], "float", (512, 1, 2047, 1, 1, 4), "fp32"),
    ("aten::addmv_", [[511], [511, 2048], [2048], [], []], H, (511, 1, 2048, 1, 1, 2), "bf16"),
    ("aten::linear", [[2, 256, 2048], [4096, 2048], []], B, (512, 4096, 2048, 1, 1, 2), "bf16"),
    ("aten::linear", [[3, 2048], [4096, 2048], []], B, (3, 4096, 2048, 1, 1, 2), "bf16"),
    # 8-bit integers are summed in 32 bits.
    ("aten::_int_mm", [[32, 2048], [2048, 4096]], "signed char", (32, 4096, 2048, 1, 1, (1, 1, 4)), "int8"),
    # The result of a scaled product has 16 bits where nothing says what was asked for.
    ("aten::_scaled_mm", [[32, 2048], [2048, 4097], [], []], E, (32, 4097, 2048, 1, 1, (1, 1, 2)), "fp8"),
    # Grouped: few rows choose a matrix each, of many it is not known; without a third dimension there is one.
    ("aten::_grouped_mm", [[4, 128], [16, 128, 256], []], B, (4, 256, 128, 1, 4, 2), "bf16"),
    ("aten::_grouped_mm", [[4, 128], [15, 128, 256], []], B, (4, 256, 128, 1, None, 2), "bf16"),
    ("aten::_scaled_grouped_mm", [[2, 128], [64, 128, 256], []], "c10::Float8_e5m2", (2, 256, 128, 1, 2, (1, 1, 2)), "fp8"),
    ("aten::_grouped_mm", [[400, 128], [128, 256], []], B, (400, 256, 128, 1, 1, 2), "bf16"),
    # The smallest there is, an unknown format, and none at all.
    ("aten::mm", [[1, 1], [1, 1]], "something", (1, 1, 1, 1, 1, 4), None),
    ("aten::mm", [[7, 5], [5, 3]], None, (7, 3, 5, 1, 1, 4), None),
    # Of no size, of no matrix, not of a product, not to be read.
    ("aten::mm", [[0, 5], [5, 3]], "float", None),
    ("aten::mm", [[5, 0], [0, 3]], "float", None),
    ("aten::mm", [[5, 2], [2, 0]], "float", None),
    ("aten::mm", [[5], [5, 3]], "float", None),
    ("aten::mm", [[5, 6], [6]], "float", None),
    ("aten::mv", [[5, 6], []], "float", None),
    ("aten::add", [[5, 6], [5, 6]], "float", None),
    ("aten::mm", None, "float", None),
    ("aten::mm", "[[1, 2", "float", None),
    # What was asked for, in the framework's numbers: 16 bits, 32 bits, 64 bits, as the matrices; what is no number; not at all.
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 2)), "fp8", {6: "15"}),
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 2)), "fp8", {6: "5"}),
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 4)), "fp8", {6: "6"}),
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 8)), "fp8", {6: "7"}),
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 1)), "fp8", {6: "24"}),
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], [], [], [], []], [E] * 2, (32, 48, 64, 1, 1, (1, 1, 2)), "fp8", {5: "6", 7: "6"}),
    ("aten::_scaled_grouped_mm", [[2, 128], [64, 128, 256], []], [E] * 2, (2, 256, 128, 1, 2, (1, 1, 4)), "fp8", {7: "6"}),
    # Two numbers of four bits share a byte; operators that say so of bytes.
    ("aten::_scaled_mm", [[32, 64], [64, 48], [], []], ["c10::Float4_e2m1fn_x2"] * 2, (32, 48, 128, 1, 1, (0.5, 0.5, 2)), "fp4"),
    ("_C::cutlass_scaled_fp4_mm", [[32, 48], [32, 64], [48, 64], [], [], []], [H, "unsigned char", "unsigned char"], (32, 48, 128, 1, 1, (0.5, 0.5, 2)), "fp4"),
    # An operator that is given its result, in 32 bits; one whose second matrix lies across.
    ("_C::cutlass_scaled_mm", [[32, 48], [32, 64], [64, 48], [], []], ["float", "signed char", "signed char"], (32, 48, 64, 1, 1, (1, 1, 4)), "int8"),
    ("_C::cutlass_scaled_mm", [[32, 48], [32, 64], [64, 48], [], []], [B, E, E], (32, 48, 64, 1, 1, (1, 1, 2)), "fp8"),
    ("fbgemm::f8f8bf16_rowwise", [[32, 64], [48, 64], [], []], [E, E, "float"], (32, 48, 64, 1, 1, (1, 1, 2)), "fp8"),
    ("sgl_kernel::fp8_scaled_mm", [[32, 64], [64, 48], [], []], [E, E], (32, 48, 64, 1, 1, (1, 1, 2)), "fp8"),
    # Tensor cores that round 32 bits: the kernel says so.
    ("aten::mm", [[32, 64], [64, 48]], "float", (32, 48, 64, 1, 1, 4), "tf32"),
    # Matrices of two formats multiply in the wider one, whichever it is. A bias of another format is none of them.
    ("aten::_weight_int8pack_mm", [[32, 64], [48, 64], []], [B, "signed char"], (32, 48, 64, 1, 1, (2, 1, 2)), "bf16"),
    ("aten::mm", [[32, 64], [64, 48]], [E, B], (32, 48, 64, 1, 1, (1, 2, 1)), "bf16"),
    ("aten::addmm", [[48], [32, 64], [64, 48], [], []], ["float", B, B], (32, 48, 64, 1, 1, 2), "bf16"),
]
# What a person reads in the names: what it does, and what limits it.
NAMES = [
    ("nvjet_sm90_tst_64x8_64x16_2x1_v_bz_TNT", "nvjet_sm90_tst_64x8_64x16_2x1_v_bz_TNT", "gemm", "memory"),
    ("nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN", "nvjet_sm90_tst_128x256_64x4_2x1_v_bz_coopA_TNN", "gemm", "compute"),
    ("triton_poi_fused_3", "triton_poi_fused_3", "elementwise", "memory"),
    ("ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)", "ncclDevKernel_AllReduce_Sum_bf16_RING_LL", "communication", "unknown"),
    ("__amd_rocclr_copyBuffer", "__amd_rocclr_copyBuffer", "copy", "memory"),
    ("convert_me", "convert_me", "other", "unknown"),
    ("sm80_xmma_gemm_f32f32_tf32f32_f32_nn_n_tilesize128x128x16", "sm80_xmma_gemm_f32f32_tf32f32_f32_nn_n_tilesize128x128x16", "gemm", "compute"),
]


def main():
    rows = {t: [] for t in ("source", "track", "slice", "op_detail", "kernel", "stage")}
    calls, ids = [], 0
    rows["source"] += [dict(id=1, name="a"), dict(id=2, name="b")]
    for source in (1, 2):
        rows["track"].append(dict(id=source, type="thread", source_id=source, device=None, stream=None, upid=source))
        rows["track"] += [dict(id=10 * source + d, type="stream", source_id=source, device=d, stream=7, upid=None) for d in (0, 1)]

    def row(table, **columns):
        rows[table].append(columns)

    def kernel(source, number, device, ts, dur, name):
        nonlocal ids
        ids += 1
        row("slice", id=ids, ts=ts, dur=dur, track_id=10 * source + device, category="kernel", name=name)
        row("kernel", id=ids, ts=ts, dur=dur, name=name, device=device, stream=7, external_id=number, source_id=source, collective=None, graph_node_id=None)

    step = 0
    for source in (1, 2):
        for k, (operator, dims, dtype, size, *more) in enumerate(CALLS if source == 1 else CALLS[:2]):
            types = dtype if isinstance(dtype, list) else [dtype]
            first = 1 if "addmm" in operator or "addmv" in operator or "baddbmm" in operator or operator.startswith("_C::") else 0
            asked = [more[1].get(i, "") for i in range(9)] if len(more) > 1 else None
            ts = 100_000 * (k + 1) + 7_000_000 * (source - 1)
            ids += 1
            op = ids
            row("slice", id=op, ts=ts, dur=9000, track_id=source, category="cpu_op", name=operator)
            row("op_detail", id=op, external_id=k + 1, input_dims=dims if isinstance(dims, str) else dims and json.dumps(dims),
                input_types=json.dumps(dtype if isinstance(dtype, list) else [dtype] * (first + 2)) if dtype else None,
                concrete_inputs=json.dumps(asked) if asked else None)
            within = k % 4 != 3
            if within:
                row("stage", id=len(rows["stage"]) + 1, ts=ts, dur=50_000, name="decode", kind="decode", depth=0, track_id=source, source_id=source)
                step += 1
            devices = (0, 1) if k == 2 else (k % 2,)
            for device in devices:
                kernels = [(1000, 5000 + 10 * k + source, 0), (8000, 9000 + device, 1), (20_000, 300, 2)] if k % 3 == 0 else [(4000, 700 + k + device, 3)]
                if more and more[0] == "tf32":
                    kernels = [(4000, 900, len(NAMES) - 1)]
                for at, dur, name in kernels:
                    kernel(source, k + 1, device, ts + at, dur, NAMES[name][0])
                if size:
                    m, n, kk, batch, groups, width = size
                    wa, wb, wr = width if isinstance(width, tuple) else (width,) * 3
                    calls.append(dict(
                        op_id=op, operator=operator, m=m, n=n, k=kk, batch=batch, dtype=types[first] if isinstance(dtype, list) else dtype, format=more[0], flops=2 * m * n * kk * batch,
                        bytes=None if groups is None else int(batch * (m * kk * wa + groups * kk * n * wb + m * n * wr)), dur=sum(d for _, d, _ in kernels),
                        ts=ts + min(a for a, _, _ in kernels), kernel=NAMES[max(kernels, key=lambda x: x[1])[2]][1],
                        step=("within", source, k) if within else None, device=device, source_id=source))
            # A memset of the same number is no kernel of the product.
            ids += 1
            row("slice", id=ids, ts=ts + 500, dur=99, track_id=10 * source, category="gpu_memset", name="Memset", external_id=k + 1)
        kernel(source, None, 0, 6_000_000 * source, 40, NAMES[4][0])
        kernel(source, 999, 0, 6_000_100 * source, 40, NAMES[5][0])
        # A product of which no kernel was recorded.
        ids += 1
        row("slice", id=ids, ts=6_500_000 * source, dur=1, track_id=source, category="cpu_op", name="aten::mm")
        row("op_detail", id=ids, external_id=1000, input_dims="[[2, 2], [2, 2]]", input_types='["float"]')
    # Steps are numbered in order of time, spans between them among them.
    moments = []
    for source in (1, 2):
        own = [s for s in rows["stage"] if s["source_id"] == source]
        for a, b in zip(own, own[1:] + [None]):
            moments.append((a["ts"], source))
            if b:
                moments.append((a["ts"] + a["dur"], source))
    number = {m: i + 1 for i, m in enumerate(sorted(moments))}
    for c in calls:
        k = c["ts"] // 100_000 * 100_000
        if c["step"]:
            c["step"] = number[(100_000 * (c["step"][2] + 1) + 7_000_000 * (c["source_id"] - 1), c["source_id"])]
        else:
            # Between two steps: the span that begins with the end of the step before.
            c["step"] = max((n for (ts, s), n in number.items() if s == c["source_id"] and ts <= c["ts"]))
    for table, own in rows.items():
        columns = list(dict.fromkeys(c for r in own for c in r))
        CASE.write("rows/" + table, columns, [dict.fromkeys(columns) | r for r in own])
    CASE.tables("gemm_call", list(calls[0]), calls)
    CASE.tables("kernel_class", ["name", "short_name", "category", "nature"], [dict(zip(("name", "short_name", "category", "nature"), n)) for n in NAMES])


if __name__ == "__main__":
    main()
