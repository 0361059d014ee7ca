"""Cases `arithmetic` and `arithmetic-measured`: whether arithmetic or memory limits the kernels, by shapes, counters and names.

Each stage has a GPU of its own and kernels of 10000 ns in all, most in one long step. In `arithmetic` no ceiling is known, so that 250 FLOP per byte
divide; in `arithmetic-measured` the ceilings are 400 TFLOP/s and 2 TB/s: 200 FLOP per byte.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean
from shares import STEP, stages
from work import OP

GEMM = "op_id,operator,m,n,k,batch,dtype,flops,bytes,dur,ts,kernel,step,device,source_id".split(",")


def inputs(case, measured):
    times, ops, placed, samples, products, details = [], [], [], [], [], []

    def stage(name, kernels, compute=900_000, counters=(), busy=500_000, source=1, stage=None, ops_=3, wall_=1_000_000, device=None):
        """Kernels: time, nature, category, and FLOP and bytes of the product that they compute; counters: metric and values."""
        device, ts, name = len(times) if device is None else device, 10_000_000 * (len(times) + 1), stage or name
        for judged, label, a, wall in ((False, name, -900_000, 400_000), (True, name, 0, wall_), (True, "between", 1_000_000, 250_000)):
            row = dict.fromkeys(STEP, 0)
            own = label == name
            row.update(step=len(times) + 1, device=device, source_id=source, stage=label, belongs=name, first=not judged, judged=judged, ts=ts + a,
                       end_ts=ts + a + wall, wall=wall, compute=compute if own else 11, busy=busy if own else wall * busy // 1_000_000, ops=ops_ if own else 0)
            times.append(row)
            if not own:
                continue
            for k, (dur, nature, category, *product) in enumerate(kernels):
                op = dict.fromkeys(OP)
                op.update(id=len(ops) + 1, ts=ts + a + k, end_ts=ts + a + k + dur * (1 if judged else 900 + 100 * k), device=device, stream=7,
                          kind="kernel", short_name="k", category=category, nature=nature, graph=False, source_id=source)
                op["class"] = "comm" if category == "communication" else "compute"
                if product and judged:
                    flops, size = product[:2]
                    number = k if len(product) < 3 else product[2]
                    op["external_id"] = number if number > 10_000 else 100 * row["step"] + number
                    if flops:
                        details.append(dict(id=9000 + len(details), external_id=op["external_id"]))
                        products.append(dict.fromkeys(GEMM) | dict(op_id=details[-1]["id"], flops=flops, bytes=size, device=device, source_id=source))
                ops.append(op)
                placed.append(dict(id=op["id"], step=row["step"], by="time"))
        for metric, values in counters:
            for k, v in enumerate(values):
                samples.append(dict(ts=ts if k == 0 else ts + 1_250_000 if k == 1 else ts + 9 * k, device="gpu:%d" % device, metric=metric, value=v,
                                    unit="ratio", source_id=source))
            for at in (ts - 1, ts + 1_250_001):
                samples.append(dict(ts=at, device="gpu:%d" % device, metric=metric, value=F(95, 100) if k % 2 else F(1, 100), unit="ratio", source_id=source))

    def named(memory, compute, long=7000):
        """Kernels of known nature, in kernels long enough to tell by name."""
        rest = 10_000 - memory - compute
        return [(n, nature, c) for n, nature, c in ((memory, "memory", "norm"), (compute, "compute", "gemm"), (rest, "unknown", "other")) if n]

    edge = 200 if measured else 250
    for less in (-1, 0, 1):
        stage("ridge%d" % less, [(6000, "unknown", "gemm", (edge + less) * 1000, 1000), (4000, "unknown", "other")])
    if not measured:
        long = [(60_000, "memory", "norm")]
        for m, c in ((5900, 500), (6000, 400), (6100, 0), (500, 5900), (400, 6000), (0, 6100), (4900, 3000), (4000, 4000), (3100, 5000)):
            stage("names_%d_%d" % (m, c), [(n * 10, nature, category) for n, nature, category in named(m, c)])
        for dur in (5999, 6000):
            stage("short%d" % dur, [(dur - 1, "memory", "norm"), (dur + 1, "memory", "elementwise")])
        for known in (4900, 5000, 5100):
            stage("known%d" % known, [(known * 10, "memory", "gemm", 900_000_000, 1_000_000), (2000 * 10, "memory", "norm", None, None),
                                        ((8000 - known) * 10, "memory", "elementwise", None, None)])
        # Two kernels of one product in two categories; a product whose bytes are unknown; the same number in another source.
        stage("split", [(5000, "compute", "gemm", 3_000_000, 4000, 0), (3000, "memory", "reduction", None, None, 0), (9000, "memory", "gemm", 5_000_000, None),
                        (2500, "unknown", "gemm", 700_000, 1000)])
        stage("decode", [(30_000, "unknown", "attention"), (20_000, "compute", "attention"), (10_000, "unknown", "other"),
                         (7000, "unknown", "recurrent"), (3000, "compute", "recurrent")])
        stage("prefill", [(8000, "unknown", "recurrent"), (30_000, "unknown", "attention"), (20_000, "memory", "attention"), (9000, "unknown", "communication"), (10_000, "unknown", "other")])
        stage("else", [(30_000, "unknown", "attention"), (10_000, "memory", "norm")])
        stage("decode", [(40_000, "unknown", "attention"), (20_000, "compute", "attention")], source=2)
        # Half busy: a counter of 0.3 is 0.6 while it is busy.
        v = lambda n: (F(n, 100),) * 4
        for dram in (29, 30, 31):
            stage("dram%d" % dram, long, counters=[("dram_active", v(dram)), ("tensor_active", v(5))])
        for tensor in (19, 20, 21):
            stage("tensor%d" % tensor, long, counters=[("dram_active", v(10)), ("tensor_active", v(tensor))])
        stage("both_memory", long, counters=[("dram_active", v(40)), ("tensor_active", v(39))])
        stage("both_even", long, counters=[("dram_active", v(35)), ("tensor_active", v(35))])
        stage("both_compute", long, counters=[("dram_active", v(39)), ("tensor_active", v(40))])
        stage("dram_alone", long, counters=[("dram_active", (F(30, 100), F(50, 100), F(40, 100)))])
        stage("tensor_alone", long, counters=[("tensor_active", (F(30, 100), F(45, 100), F(40, 100)))])
        stage("parts", long, counters=[("dram_read_active", v(25)), ("dram_write_active", v(10)), ("tensor_active", v(5))])
        stage("read", long, counters=[("dram_read_active", v(33)), ("sm_active", v(90))])
        stage("write", long, counters=[("dram_write_active", v(45))])
        stage("full", long, counters=[("dram_active", v(70)), ("tensor_active", v(60))])
        stage("few", long, counters=[("dram_active", v(45)[:2])])
        stage("idle", long, counters=[("dram_active", v(45))], busy=0)
        for compute in (374_000, 375_000, 376_000):
            stage("busy%d" % compute, long, compute=compute)
        # Neither limit is clear by the counters, or both are the same; a GPU that is busy all the time; other counters beside too few.
        stage("lower", long, counters=[("dram_active", v(27)), ("tensor_active", v(22))])
        stage("alike", long, counters=[("dram_active", v(25)), ("tensor_active", v(25))])
        stage("whole", long, counters=[("dram_active", v(65)), ("tensor_active", v(5))], busy=1_000_000)
        stage("sparse", long, counters=[("dram_active", v(45)[:2]), ("tensor_active", v(5)[:2]), ("sm_active", v(50))])
        stage("uneven", long, counters=[("dram_read_active", (F(9, 100), F(10, 100), F(50, 100))), ("dram_write_active", (F(1, 100), F(3, 100), F(30, 100)))])
        # The same stage on other GPUs, in another source on the same GPU, and another stage on it.
        stage("twin", long, counters=[("dram_active", v(40)), ("tensor_active", v(9))])
        twin = times[-1]["device"]
        stage("twin", [(60_000, "compute", "gemm"), (50_000, "unknown", "conv")], counters=[("tensor_active", v(33))], compute=850_000)
        stage("twin", [(70_000, "compute", "gemm")], counters=[("dram_active", v(7))], compute=800_000, source=2, device=twin)
        stage("sibling", [(70_000, "unknown", "moe")], counters=[("dram_active", v(8))], compute=700_000, device=twin)
        # Two products of one number; the same number in two sources; a byte; kernels of no length; two of one kind in a step; a step on two GPUs.
        stage("pair", [(5000, "unknown", "gemm", 3_000_000, 4000, 1), (4000, "unknown", "gemm", 1_000_000, 16_000, 1)])
        stage("number", [(5000, "unknown", "gemm", 3_000_000, 4000, 77_777)])
        stage("number", [(5000, "unknown", "gemm", 2_000_000, 40_000, 77_777), (3000, "unknown", "other")], source=2)
        stage("byte", [(5000, "unknown", "gemm", 2000, 1), (0, "unknown", "gemm", 1000, 10), (700, "memory", "norm"), (800, "memory", "norm"), (7, "compute", "conv")])
        times.append(dict(times[-2], device=998, compute=9, belongs="byte"))
        stage("still", [(0, "unknown", "gemm", 1000, 10), (9000, "memory", "norm")])
        stage("moment", [(1, "unknown", "gemm", 1000, 10)])
        stage("opless", long, ops_=0)
        stage("tiny", long, wall_=1, ops_=1, compute=1)
        stage("flat", long, wall_=0, compute=0)
        for at in {s["ts"] for s in samples if s["metric"] == "dram_active"}:
            samples.append(dict(ts=at, device="gpu:998", metric="dram_active", value=F(99, 100), unit="ratio", source_id=1))
        stage("nothing", [(0, "memory", "norm")])
        times[-3]["ops"] = 3
    else:
        case.write("rows/ceiling", ["name", "value", "unit", "device", "method"], [
            dict(name="gemm_bf16", value=400 * 10**12, unit="FLOP/s", device="gpu:0", method="m"), dict(name="gemm_bf16", value=350 * 10**12, unit="FLOP/s", device="gpu:1", method="m"),
            dict(name="read", value=2 * 10**12, unit="B/s", device="gpu:0", method="m"), dict(name="dram_read", value=10**12, unit="B/s", device="gpu:1", method="m"),
            dict(name="gemm_bf16", value=10**15, unit="FLOP/s", device="cpu", method="m"), dict(name="read", value=10**13, unit="B/s", device="cpu", method="m"),
            dict(name="gemm_fp8", value=10**16, unit="FLOP/s", device="gpu:0", method="m"), dict(name="copy", value=10**14, unit="B/s", device="gpu:0", method="m")])
    case.write("derived/step_time", STEP, times)
    case.write("derived/device_op", OP, ops)
    case.write("derived/step_op", list(placed[0]), placed)
    case.write("derived/gemm_call", GEMM, products)
    case.write("rows/op_detail", list(details[0]), details)
    if samples:
        case.write("rows/hw_sample", list(samples[0]), [dict(s, value=float(s["value"])) for s in samples])


def answers(case, ridge):
    times, ops = case.table("derived/step_time"), case.table("derived/device_op")
    samples = case.table("rows/hw_sample") if (case.directory / "rows/hw_sample.csv").exists() else []
    step_of = {p["id"]: p["step"] for p in case.table("derived/step_op")}
    number = {d["id"]: d["external_id"] for d in case.table("rows/op_detail")}
    products = {}
    for g in case.table("derived/gemm_call"):
        p = products.setdefault((g["source_id"], number[g["op_id"]]), dict(flops=0, bytes=None))
        p["flops"] += g["flops"]
        if g["bytes"] is not None:
            p["bytes"] = g["bytes"] + (p["bytes"] or 0)
    p, rows = Head("bound/device").params, []
    for t in stages(times):
        if not t["wall"] or not t["ops"]:
            continue
        judged = [r for r in times if r["judged"] and (r["belongs"], r["device"], r["source_id"]) == (t["stage"], t["device"], t["source_id"])]
        work = [o for o in ops if o["class"] == "compute" and (o["device"], o["source_id"]) == (t["device"], t["source_id"])
                and step_of[o["id"]] in {r["step"] for r in judged}]
        total = sum(o["end_ts"] - o["ts"] for o in work)
        if not total:
            continue
        time = dict(memory=0, compute=0)
        known, flops = 0, {}
        for o in work:
            dur, product = o["end_ts"] - o["ts"], products.get((o["source_id"], o["external_id"]))
            limited = o["nature"] if o["nature"] != "unknown" else None
            if o["category"] == "attention" and not limited:
                limited = dict(decode="memory", prefill="compute").get(t["stage"])
            # One token reads a state once; in chunks of a prompt there are products, of which the name tells nothing.
            if o["category"] == "recurrent" and not limited and t["stage"] == "decode":
                limited = "memory"
            if product and product["bytes"]:
                limited = "compute" if F(product["flops"], product["bytes"]) >= ridge else "memory"
                known += dur
                if dur:
                    flops[o["external_id"]] = product["flops"]
            if limited:
                time[limited] += dur
        begin, end = min(r["ts"] for r in judged), max(r["end_ts"] for r in judged)
        seen = [s for s in samples if s["device"] == "gpu:%d" % t["device"] and begin <= s["ts"] <= end
                and s["metric"] in ("dram_active", "dram_read_active", "dram_write_active", "tensor_active")]
        busy = F(sum(r["busy"] for r in judged), sum(r["wall"] for r in judged))

        def use(metric):
            return mean(s["value"] for s in seen if s["metric"] == metric)

        dram, tensor = use("dram_active"), use("tensor_active")
        if dram is None and use("dram_read_active") is not None:
            dram = use("dram_read_active") + (use("dram_write_active") or 0)
        enough = len({s["ts"] for s in seen}) >= 3 and busy
        dram, tensor = (min(F(1), F(x) / busy) if enough and x is not None else None for x in (dram, tensor))
        by_category = {c: sum(o["end_ts"] - o["ts"] for o in on) for (c,), on in groups(work, "category").items()}
        top = max(by_category, key=by_category.get)
        m, c = F(time["memory"], total), F(time["compute"], total)
        basis, bound, advice = "kernel names, which do not tell", "device", "device"
        if m + c >= p["told"]:
            basis, advice = "kernel names (inferred), of which neither prevails", "mixed"
        if m >= p["clear"] or c >= p["clear"]:
            basis, bound = "kernel names (inferred)", "memory" if m >= p["clear"] else "compute"
            advice = bound
        if F(known, total) >= F(1, 2):
            basis = "recorded shapes"
        elif dram is not None and dram >= p["dram"] and dram >= (tensor or 0):
            basis, bound, advice = "sampled counters (DRAM bandwidth)", "memory", "memory"
        elif tensor is not None and tensor >= p["tensor"] and tensor >= (dram or 0):
            basis, bound, advice = "sampled counters (tensor cores)", "compute", "compute"
        elif F(total, len(work)) < p["short"]:
            basis, bound, advice = "kernel names, which do not tell for kernels this short", "device", "device"
        share = F(t["compute"], t["total"])
        rows.append((-t["compute"], t["stage"], t["device"], t["source_id"], dict(
            stage=t["stage"], device=t["device"], bound=bound, share=share, time=F(t["compute"], t["steps"]), memory_ratio=m, compute_ratio=c,
            known_ratio=F(known, total), top=top, top_ratio=F(by_category[top], total), dram_ratio=dram, tensor_ratio=tensor,
            rate=F(sum(flops.values()) * 10**9, known) if known else None, basis=basis, wall=F(t["wall"], t["steps"]), stake=p["weight"] * share,
            gain=None, advice=advice, severity="info" if share >= F(3, 10) else None)))
    case.answer("bound/device", [r[-1] for r in sorted(rows, key=lambda r: r[:4])])


if __name__ == "__main__":
    inputs(Case("arithmetic"), False)
    answers(Case("arithmetic"), Head("bound/device").params["ridge"])
    inputs(Case("arithmetic-measured"), True)
    answers(Case("arithmetic-measured"), F(400 * 10**12, 2 * 10**12))
