"""Case `views`: the documented views over two sources, two GPUs, several threads; rows that lack what others have."""

from fractions import Fraction as F

from golden import Case, groups, mean, percentile, quantile, ratio

CASE = Case("views")


def input_of(name, columns, rows, kind="rows/"):
    columns = columns.split(",")
    rows = [dict(zip(columns, row)) for row in rows]
    CASE.write(kind + name, columns, rows)
    return rows


def show(name, columns, rows):
    CASE.tables(name, columns.split(","), rows)


TRACKS = input_of("track", "id,name,type,parent_id,utid,upid,device,stream,unit,source_id", [
    (1, "main", "thread", 9, 11, 21, None, None, None, 1), (2, "worker", "thread", None, 12, 22, None, None, None, 2),
    (3, "lost", "thread", None, None, None, None, None, None, 1),
    (4, "stream 7", "stream", None, None, 21, 0, 7, None, 1), (5, "stream 8", "stream", None, None, 21, 0, 8, None, 1),
    (6, "stream 7", "stream", None, None, 22, 1, 7, None, 1), (7, "stream 7", "stream", None, None, 23, 0, 7, None, 2),
    (8, "async", "async", 9, None, 21, None, None, None, 1), (9, "python", "process", None, None, 21, None, None, None, 1),
    (10, "GPC Clock Frequency [MHz]", "counter", None, None, None, 0, None, "MHz", 1), (11, "SMs Active [%]", "counter", None, None, None, 1, None, "%", 1),
    (12, "Tensor Active [%]", "counter", None, None, 21, 0, None, "%", 1), (13, "DRAM Read Bandwidth [%]", "counter", None, None, None, 0, None, "%", 2),
    (14, "DRAM Write Bandwidth [%]", "counter", None, None, None, 0, None, "%", 2), (15, "SMs Active of nobody", "counter", None, None, None, None, None, "%", 1),
    (16, "Allocated", "counter", None, None, 21, 0, None, "B", 1), (17, "queue", "global", None, None, None, None, None, None, 1),
    (18, "SMs Active, not a counter", "stream", None, None, None, 3, 1, None, 1),
])
SLICES = input_of("slice", "id,ts,dur,track_id,category,name,depth,parent_id,arg_set_id,correlation,external_id", [
    # Operators of three producers, one of which nothing else is told.
    (1, 1000, 500, 1, "cpu_op", "aten::mm", 0, None, 1, None, 71), (2, 1600, 50, 1, "operator", "add", 1, 1, 2, None, 72),
    (3, 1700, 40, 2, "Operator", "mul", 0, None, None, None, None), (4, 1800, 30, 3, "user_annotation", "decode", 0, None, 4, None, None),
    (5, 1010, 5, 1, "cuda_runtime", "cudaLaunchKernel", 1, 1, 5, 501, 71), (6, 900, -1, 8, "async", "request", 0, None, None, None, None),
    # GPU 0 of source 1 on two streams: 2000 to 2100, within it 2010 to 2090; 2100 to 2150; 2200 to 2200 (never ended); 2300 to 2400.
    (20, 2000, 100, 4, "kernel", "k_a", 0, None, 20, 501, 71), (21, 2010, 80, 5, "gpu_memcpy", "Memcpy HtoD", 0, None, 21, 502, None),
    (22, 2100, 50, 4, "gpu_memset", "Memset", 0, None, None, 503, None), (23, 2200, -1, 5, "kernel", "k_b", 0, None, None, None, None),
    (24, 2300, 100, 4, "cuda_graph", "graph", 0, None, None, 504, None),
    # GPU 1 has no gap, and GPU 0 of the other source two; the same moment begins two.
    (25, 2000, 30, 6, "kernel", "k_a", 0, None, None, 505, None), (26, 2030, 70, 6, "kernel", "k_b", 0, None, None, 506, None),
    (27, 100, 10, 7, "kernel", "k_a", 0, None, None, 501, None), (28, 150, 20, 7, "gpu_memcpy", "Memcpy DtoH", 0, None, None, 502, None),
    (29, 150, 5, 7, "kernel", "k_c", 0, None, None, 503, None), (30, 500, 0, 7, "kernel", "k_c", 0, None, None, 504, None),
    # Work of no length has no share of idleness. On a stream, and no device work.
    (31, 3000, 0, 18, "gpu_memset", "Memset", 0, None, None, None, None), (32, 2500, 900, 4, "gpu_user_annotation", "decode", 0, None, None, None, None),
    (33, 2600, 4000, 17, "queue", "wait", 0, None, None, None, None),
    (34, 9000, 0, 17, "queue", "end", 0, None, None, None, None),
    (40, 0, 0, 1, "python_function", "f", 2, 2, None, None, None), (41, 0, 0, 1, "memory", "[memory]", 0, None, 41, None, None),
])
TRACK = {t["id"]: t for t in TRACKS}
SOURCE_OF = {s["id"]: TRACK[s["track_id"]] for s in SLICES}
GPU = ("kernel", "gpu_memcpy", "gpu_memset", "cuda_graph")


def tracks():
    show("counter_track", "id,name,unit,upid,source_id", [t for t in TRACKS if t["type"] == "counter"])
    show("gpu_track", "id,name,device,stream,upid,source_id", [t for t in TRACKS if t["type"] == "stream"])
    show("process_track", "id,name,upid,parent_id,source_id", [t for t in TRACKS if t["type"] in ("process", "async")])
    show("thread_track", "id,name,utid,parent_id,source_id", [t for t in TRACKS if t["type"] == "thread"])
    threads = {t["utid"]: t for t in input_of("thread", "utid,tid,name,upid,is_main_thread,source_id", [(11, 4711, "MainThread", 21, True, 1), (12, None, "tid w", 22, False, 2)])}
    processes = {p["upid"]: p for p in input_of("process", "upid,pid,name,source_id", [(21, 4711, "python", 1), (23, 1, "other", 2)])}
    found = []
    for s in SLICES:
        t = TRACK[s["track_id"]]
        if t["type"] == "thread":
            th, p = threads.get(t["utid"], {}), processes.get(t["upid"], {})
            found.append(dict(s, utid=t["utid"], tid=th.get("tid"), thread_name=th.get("name"), upid=t["upid"], pid=p.get("pid"), process_name=p.get("name")))
    show("thread_slice", "id,ts,dur,name,category,depth,parent_id,arg_set_id,track_id,utid,tid,thread_name,upid,pid,process_name", found)
    show("trace_bounds", "start_ts,end_ts", [dict(start_ts=min(s["ts"] for s in SLICES), end_ts=max(s["ts"] + max(s["dur"], 0) for s in SLICES))])


def device_work():
    work = [dict(s, device=SOURCE_OF[s["id"]]["device"], stream=SOURCE_OF[s["id"]]["stream"], source=SOURCE_OF[s["id"]]["source_id"])
            for s in SLICES if s["category"] in GPU]
    show("gpu_slice", "id,ts,dur,name,category,track_id,device,stream,correlation", work)
    gaps, idle = [], []
    for (source, device), own in groups(work, "source", "device").items():
        reach, first, quiet, n = None, min(o["ts"] for o in own), 0, 0
        for o in sorted(own, key=lambda o: (o["ts"], o["id"])):
            if reach is not None and o["ts"] > reach:
                gaps.append(dict(device=device, ts=reach, dur=o["ts"] - reach, next_id=o["id"], next_name=o["name"], next_correlation=o["correlation"], source_id=source))
                quiet, n = quiet + o["ts"] - reach, n + 1
            reach = max(reach or 0, o["ts"] + max(o["dur"], 0))
        idle.append(dict(device=device, span_ns=reach - first, busy_ns=reach - first - quiet, idle_ns=quiet, idle_ratio=ratio(quiet, reach - first), gaps=n, source_id=source))
    show("device_gap", "device,ts,dur,next_id,next_name,next_correlation,source_id", gaps)
    show("device_idle", "device,span_ns,busy_ns,idle_ns,idle_ratio,gaps,source_id", idle)


def samples():
    counters = input_of("counter", "id,ts,track_id,value", [
        (1, 10, 10, 1_410_000_000.0), (2, 20, 10, 100_000.0), (3, 30, 10, 1980.0), (4, 10, 11, 50.0), (5, 10, 12, 25.0), (6, 10, 13, 10.0), (7, 10, 14, 20.0),
        (8, 10, 15, 5.0), (9, 10, 16, 7.0), (10, 40, 10, 100_001.0), (11, 10, 18, 9.0)])
    hw = input_of("hw_sample", "ts,device,metric,value,unit", [
        (5, "gpu:0", "power", 700.5, "W"), (6, "gpu:13", "sm_clock", 1980.0, "MHz"), (7, "cpu", "power", 90.0, "W"), (8, "gpu", "throttle", 4.0, "bits")])
    of = {10: "sm_clock", 11: "sm_active", 12: "tensor_active", 13: "dram_read_active", 14: "dram_write_active"}
    found = [dict(ts=h["ts"], device={"gpu:0": 0, "gpu:13": 13}.get(h["device"]), metric=h["metric"], value=F(repr(h["value"]))) for h in hw if h["device"] != "cpu"]
    for c in counters:
        if c["track_id"] in of:
            v = F(c["value"])
            # A clock above 100,000 is in Hz, for no GPU reaches 100 GHz; the others are percentages.
            v = (v / 10**6 if v > 10**5 else v) if c["track_id"] == 10 else v / 100
            found.append(dict(ts=c["ts"], device=TRACK[c["track_id"]]["device"], metric=of[c["track_id"]], value=v))
    show("device_sample", "ts,device,metric,value", found)


KERNEL = ("id,ts,dur,name,device,context,stream,graph_id,graph_node_id,grid_x,grid_y,grid_z,block_x,block_y,block_z,registers,shared_bytes,"
          "blocks_per_sm,warps_per_sm,occupancy_ratio,queued_ns,priority,collective,process_group,launch_id,source_id")


def kernels():
    """k_a: 10, 20, 30, 40, 900: mean 200, median 30."""
    rows = [
        (20, 2000, 10, "k_a", 0, 1, 7, 31, 32, 1, 2, 3, 4, 5, 6, 64, 1024, 0.5, 4.25, 0.375, 99, -5, "allreduce", "tp", 5, 1),
        *[(i, 2000, d, "k_a", 0, *[None] * 19, launch, source) for i, d, launch, source in ((25, 20, 50, 1), (27, 30, 51, 2), (60, 40, 52, 1), (61, 900, 53, 1))],
        *[(i, 2000, d, "k_b", 0, *[None] * 19, launch, source) for i, d, launch, source in ((23, 7, None, 1), (26, 12, 54, 1), (62, 13, 99, 1))],
    ]
    rows = input_of("kernel", KERNEL, rows)
    total = sum(r["dur"] for r in rows)
    stats = []
    for (name,), own in groups(rows, "name").items():
        durs = [r["dur"] for r in own]
        stats.append(dict(name=name, count=len(own), sum_ns=sum(durs), share=F(sum(durs), total), mean_ns=mean(durs), min_ns=min(durs), p50_ns=quantile(durs, F(1, 2)),
                          p99_ns=percentile(durs, F(99, 100)), max_ns=max(durs)))
    show("kernel_stats", "name,count,sum_ns,share,mean_ns,min_ns,p50_ns,p99_ns,max_ns", stats)
    # Within both stages, at the start of the inner one, at its end, at the end of the outer one; the other source has a stage of its own.
    launches = input_of("launch", "id,ts,dur,name,kind,source_id", [
        (5, 1050, 5, "cudaLaunchKernel", "kernel", 1), (50, 1040, 5, "cudaLaunchKernel", "kernel", 1), (51, 1050, 5, "cudaLaunchKernel", "kernel", 2),
        (52, 1060, 5, "cudaLaunchKernel", "kernel", 1), (53, 1100, 5, "cudaLaunchKernel", "kernel", 1), (54, 1000, 5, "cudaLaunchKernel", "kernel", 1)])
    stages = input_of("stage", "id,ts,dur,name,kind,depth,track_id,source_id", [
        (1, 1000, 100, "outer", "other", 0, 1, 1), (2, 1040, 20, "decode 3", "decode", 1, 1, 1), (3, 1000, 200, "prefill", "prefill", 0, 2, 2)])
    found = []
    for k in rows:
        at = [call["ts"] for call in launches if call["id"] == k["launch_id"]]
        around = [g for g in stages if at and g["source_id"] == k["source_id"] and g["ts"] <= at[0] < g["ts"] + g["dur"]]
        inner = max(around, key=lambda g: g["depth"], default=dict(id=None, kind=None, name=None))
        found.append(dict(id=k["id"], stage_id=inner["id"], kind=inner["kind"], name=inner["name"]))
    show("kernel_stage", "id,stage_id,kind,name", found)
    return rows


def operators_and_args(kernel):
    ops = input_of("op_detail", "id,sequence,input_dims,input_types,input_strides,concrete_inputs,module,stack,flops", [
        (1, 81, "[[2,3]]", '["bf16"]', "[[3,1]]", '["1"]', "Layer", "f;g", 12), (2, *[None] * 8)])
    told = {o["id"]: o for o in ops}
    show("cpu_op", "id,ts,dur,name,depth,parent_id,track_id,external_id,sequence,input_dims,input_types,input_strides,concrete_inputs,module,stack,flops", [
        dict(dict.fromkeys(ops[0]), **{**told.get(s["id"], {}), **s}) for s in SLICES if s["category"] in ("cpu_op", "operator", "Operator")])
    copies = input_of("memcpy", "id,ts,dur,name,kind,device,context,stream,bytes,bandwidth,src_device,dst_device,source_id", [
        (21, 2010, 80, "Memcpy HtoD", "HtoD", 0, 1, 8, 4096, 2_500_000_000.0, 3, 4, 1), (28, 150, 20, "Memcpy DtoH", "DtoH", *[None] * 7, 2)])
    calls = input_of("python_call", "id,python_id,python_parent_id,python_module_id", [(40, 901, 902, 903), (4, 904, None, None)])
    events = input_of("memory_event", "id,ts,device_type,device,address,bytes,allocated_bytes,reserved_bytes,source_id", [(41, 0, "cuda", 1, 4096, -512, 1024, 2048, 1)])
    more = input_of("arg_value", "arg_set_id,key,int_value,real_value,string_value", [
        (4, "batch", 8, None, None), (4, "ratio", None, 0.25, None), (4, "who", None, None, "me"), (4, "nothing", None, None, None)])
    found = []

    def arg(of, name, i=None, r=None, s=None, always=False):
        if always or not (i is None and r is None and s is None):
            kind = "int" if i is not None else "real" if r is not None else "string" if s is not None else "null"
            shown = i if i is not None else repr(float(r)) if r is not None else s
            found.append(dict(arg_set_id=of, flat_key="args." + name, key="args." + name, int_value=i, string_value=s, real_value=r, value_type=kind, display_value=shown))

    def three(r, what):
        return "[%s, %s, %s]" % tuple(r["%s_%s" % (what, d)] for d in "xyz") if r[what + "_x"] is not None else None

    for s in SLICES:
        arg(s["id"], "correlation", s["correlation"])
        arg(s["id"], "External id", s["external_id"])
    for r in kernel:
        for name, column in (("device", "device"), ("context", "context"), ("stream", "stream"), ("graph id", "graph_id"), ("graph node id", "graph_node_id"),
                             ("queued", "queued_ns"), ("registers per thread", "registers"), ("shared memory", "shared_bytes"), ("priority", "priority")):
            arg(r["id"], name, r[column])
        arg(r["id"], "blocks per SM", r=r["blocks_per_sm"])
        arg(r["id"], "warps per SM", r=r["warps_per_sm"])
        arg(r["id"], "est. achieved occupancy %", r=r["occupancy_ratio"] and r["occupancy_ratio"] * 100)
        arg(r["id"], "grid", s=three(r, "grid"))
        arg(r["id"], "block", s=three(r, "block"))
        arg(r["id"], "Collective name", s=r["collective"])
        arg(r["id"], "Process Group Name", s=r["process_group"])
    for r in copies:
        for name, column in (("device", "device"), ("context", "context"), ("stream", "stream"), ("bytes", "bytes"), ("fromDevice", "src_device"), ("toDevice", "dst_device")):
            arg(r["id"], name, r[column])
        arg(r["id"], "memory bandwidth (GB/s)", r=r["bandwidth"] and r["bandwidth"] / 1e9)
    for r in ops:
        arg(r["id"], "Sequence number", r["sequence"])
        arg(r["id"], "flops", r["flops"])
        for name, column in (("Input Dims", "input_dims"), ("Input type", "input_types"), ("Input Strides", "input_strides"), ("Concrete Inputs", "concrete_inputs"),
                             ("Module Hierarchy", "module"), ("Call stack", "stack")):
            arg(r["id"], name, s=r[column])
    for r in calls:
        for name, column in (("Python id", "python_id"), ("Python parent id", "python_parent_id"), ("Python module id", "python_module_id")):
            arg(r["id"], name, r[column])
    for r in events:
        for name, column in (("Addr", "address"), ("Bytes", "bytes"), ("Device Id", "device"), ("Total Allocated", "allocated_bytes"), ("Total Reserved", "reserved_bytes")):
            arg(r["id"], name, r[column])
        arg(r["id"], "Device Type", s=r["device_type"])
    for r in more:
        arg(r["arg_set_id"], r["key"], r["int_value"], r["real_value"], r["string_value"], always=True)
    show("args", "arg_set_id,flat_key,key,int_value,string_value,real_value,value_type,display_value", found)


def tokens():
    token = input_of("token", "token,ts,dur,position", [(0, 0, 1000, 5), (1, 2000, 700, 6), (2, 3000, 50, 7)])
    op = input_of("op", "token,component,dur", [(0, "attention", 300), (0, "attention", 200), (0, "norm", 100), (1, "norm", 650), (9, "lm_head", 1)])
    found = []
    for t in token:
        parts = {c: sum(o["dur"] for o in op if o["token"] == t["token"] and o["component"] == c) for c in ("attention", "norm", "lm_head")}
        found += [dict(token=t["token"], component=c, dur=d) for c, d in parts.items()]
        found.append(dict(token=t["token"], component="remainder", dur=t["dur"] - sum(parts.values())))
    show("token_component", "token,component,dur", found)


def sync_refill():
    """After a wait at 1000 to 1200 inside step 1, thread 1 issues two kernels of device 0 until 1400: 200 < 120 + 100 of work.

    On device 1 it issues as long as the device works (150 + 50), on device 2 shorter by one (201 of work); in step 2 the wait began before the step.
    """
    steps = input_of("host_step", "step,ts,end_ts,source_id", [(1, 900, 2000, 1), (2, 2500, 4000, 1), (3, 5000, 6000, 1)], "derived/")
    waits = input_of("host_wait", "id,track_id,ts,end_ts", [(1, 1, 1000, 1200), (2, 2, 1100, 1150), (3, 1, 2400, 2600), (4, 1, 5000, 5100), (5, 1, 800, 810)], "derived/")
    # id, device, step, track, launch_ts, launch_end, ts, end_ts
    ops = input_of("device_op", "id,device,step,launch_track,launch_ts,launch_end,ts,end_ts,source_id", [
        (20, 0, 1, 1, 1210, 1260, 1300, 1420, 1), (25, 0, 1, 1, 1350, 1400, 1600, 1700, 1), (27, 1, 1, 1, 1300, 1400, 1500, 1650, 1),
        (38, 1, 1, 1, 1210, 1300, 1350, 1400, 1), (39, 0, 1, 1, 2410, 2420, 2650, 2660, 1),
        (30, 2, 1, 1, 1300, 1400, 1500, 1701, 1), (31, 0, 2, 1, 2700, 2800, 2900, 3900, 1), (32, 0, None, 1, 1300, 1310, 1400, 1900, 1),
        (33, 0, 1, None, None, None, 1400, 1900, 1), (34, 0, 3, 1, 5000, 5110, 5200, 5400, 1), (35, 0, 1, 1, 950, 980, 990, 995, 1),
        (36, 0, 1, 3, 1300, 1310, 1400, 1900, 1), (37, 0, 1, 2, 1100, 1160, 1170, 1190, 1)], "derived/")
    input_of("step_op", "id,step", [(o["id"], o["step"]) for o in ops], "derived/")
    CASE.write("derived/device_op", [c for c in ops[0] if c != "step"], ops)
    gaps = input_of("gpu_gap", "step,device,source_id,ts,end_ts,opener,cause,operator,call,flight,sync", [
        (1, 0, 1, 1, 2, 20, "sync", 900, 900, 900, 900), (1, 0, 1, 3, 4, 25, "issue", 100, 20, 3, 7), (1, 0, 1, 5, 6, 20, "issue", 1000, 0, 0, 7), (1, 1, 1, 3, 4, 27, "issue", 4, 4, 4, 7),
        (1, 2, 1, 3, 4, 30, "issue", 5, 6, 7, 8), (2, 0, 1, 3, 4, 31, "issue", 5, 6, 7, 8), (1, 0, 1, 3, 4, 32, "issue", 50, 60, 70, 8), (1, 0, 1, 3, 4, 33, "issue", 50, 60, 70, 8),
        (3, 0, 1, 3, 4, 34, "issue", 11, 12, 13, 8), (1, 0, 1, 3, 4, 35, "issue", 1, 60, 70, 8), (1, 0, 1, 3, 4, 36, "issue", 50, 60, 70, 8), (1, 0, 1, 3, 4, 37, "issue", 50_000, 60, 70, 8),
        (1, 0, 1, 3, 4, None, "tail", 50, 60, 70, 8)], "derived/")
    start = {s["step"]: s["ts"] for s in steps}
    after = []
    for o in ops:
        before = [w for w in waits if w["track_id"] == o["launch_track"] and o["launch_ts"] is not None and w["ts"] <= o["launch_ts"]]
        if before and o["step"]:
            after.append(dict(o, wait=max(before, key=lambda w: w["ts"])))
    refilled = set()
    for (wait, device, step), own in groups([dict(o, wait_id=o["wait"]["id"]) for o in after if o["wait"]["ts"] >= start[o["step"]]], "wait_id", "device", "step").items():
        if max(o["launch_end"] for o in own) - own[0]["wait"]["end_ts"] < sum(o["end_ts"] - o["ts"] for o in own):
            refilled |= {(o["id"], device, step) for o in own}
    found = {}
    for g in gaps:
        if g["cause"] == "issue" and (g["opener"], g["device"], g["step"]) in refilled:
            found.setdefault((g["step"], g["device"]), []).append(g["operator"] + g["call"] + g["flight"])
    show("sync_refill", "step,device,source_id,refill", [dict(step=k[0], device=k[1], source_id=1, refill=sum(v)) for k, v in found.items()])


tracks()
device_work()
samples()
operators_and_args(kernels())
tokens()
sync_refill()
