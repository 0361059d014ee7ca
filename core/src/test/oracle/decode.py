"""Cases `decode…`: decode steps of an engine on the CPU.

`decode-run` has everything: twelve steps, of which none of mean, median and quantiles are alike, pieces that overlap, samples around the phase, a
contended run. `decode-one` has one of each. `decode-unmeasured` has steps alone, then what recorders could not tell. The others stand on the thresholds
of decode/bound and decode/sync, and on both sides of the conditions of decode/neck.
"""

from fractions import Fraction as F

from golden import Case, Head, fixed, groups, mean, percentile, quantile, ratio, stddev

LABELS = dict(t_routing="T_routing", t_cpu_computation="T_cpu_computation", attention="Attention", norm="Norms", lm_head="LM head", embedding="Embedding",
              sampling="Sampling", t_scheduling="T_scheduling", t_pcie_transfer="T_pcie_transfer", t_gpu_kernel_launch="T_gpu_kernel_launch",
              t_gpu_computation="T_gpu_computation", remainder="Remainder")  # t_sync lies within others
TABLES = dict(
    token="token,ts,dur,position,token_id",
    token_unprofiled="token,ts,dur,position",
    op="token,layer,name,component,ts,dur,kind,nodes,weight_bytes,flops",
    expert_choice="token,layer,slot,expert,weight",
    barrier="step,thread,wait_ns,hits,step_dur",
    core_sample="ts,dur,core,busy_ratio,user_ratio,system_ratio,steal_ratio,freq_mhz",
    thread_sample="ts,dur,tid,name,run_ns,wait_ns,voluntary_switches,involuntary_switches",
    ceiling="name,device,value,unit,median,stddev,n,threads,method",
    metadata="name,value",
    not_measured="item,status,reason,how_to_record",
    weight_tensor="name,type,elements,size_bytes",
)
FEED = "t_cpu_computation"
QUESTIONS = "bandwidth bound components contention cores example expert_pairs experts latency layers machine neck overlap pairs sync threads tokens".split()


def us(ns):
    return F(ns) / 1000


def spread(values):
    return dict(n=len(values), mean=mean(values), stddev=stddev(values), min=min(values), p50=quantile(values, F(1, 2)), p90=percentile(values, F(9, 10)),
                p99=percentile(values, F(99, 100)), max=max(values))


class Run:
    """One case: its tables, then the answers to what stands on them."""

    def __init__(self, name, *questions, **tables):
        self.case = Case(name)
        self.rows = {t: [dict(zip(columns.split(","), row)) for row in tables.get(t, ())] for t, columns in TABLES.items()}
        for table, rows in self.rows.items():
            if rows:
                self.case.write("rows/" + table, TABLES[table].split(","), rows)
        self.token, self.op = self.rows["token"], self.rows["op"]
        self.total = sum(t["dur"] for t in self.token)
        for question in questions or QUESTIONS:
            self.ask("decode/" + question, getattr(self, question))

    def ask(self, name, question):
        self.head = Head(name)
        missing = [table for table in self.head.needs if not self.rows[table]]
        if missing:
            self.case.not_applicable(name, *missing)
            return
        answers = question()
        for r in answers if self.head.finding else ():
            r.setdefault("bound", self.head.bound or "none")
            r["time"] = r["stake"] = r.setdefault("share", 0) * self.total
        self.case.answer(name, answers, also=("bound", "stage", "share", "time", "stake"))

    def parts(self):
        """Time of each component in each step, the remainder among them."""
        found = {}
        for t in self.token:
            own = [o for o in self.op if o["token"] == t["token"]]
            for c in {o["component"] for o in self.op}:
                found.setdefault(c, []).append(sum(o["dur"] for o in own if o["component"] == c))
            found.setdefault("remainder", []).append(t["dur"] - sum(o["dur"] for o in own))
        return found

    def ceilings(self):
        return [F(repr(c["value"])) for c in self.rows["ceiling"] if c["name"] == "dram_read" and c["device"] == "cpu"]

    def weights(self, component=None):
        """None where no piece tells its bytes."""
        told = [o["weight_bytes"] for o in self.op if component in (None, o["component"]) and o["weight_bytes"] is not None]
        return sum(told) if told else None

    def verdict(self, of):
        p = self.head.params
        return "cache" if of > p["cache_ratio"] else "memory" if of >= p["memory_ratio"] else "compute" if of <= p["compute_ratio"] else "mixed"

    def bound(self):
        if not self.ceilings() or self.weights(FEED) is None:
            return []
        ceiling = max(self.ceilings())
        rate = F(self.weights(FEED) * 10**9, sum(o["dur"] for o in self.op if o["component"] == FEED))
        return [dict(expert_rate=rate, token_rate=F(self.weights() * 10**9, self.total), ceiling=ceiling, ratio=rate / ceiling,
                     verdict=self.verdict(rate / ceiling))]

    def told(self):
        return {m["name"]: m["value"] for m in self.rows["metadata"]}

    def whole_fact(self, name):
        told = self.told().get(name, "")
        return int(told) if told.isdigit() else None

    def stored(self, component):
        """Format of most of a component's weights, and bits of each."""
        of = dict(lm_head=["output.weight"], embedding=["token_embd"], t_routing=["ffn_gate_inp"], attention=["attn_q", "attn_output", "ssm_in"],
                  t_cpu_computation=["ffn_up", "ffn_gate_exps", "ffn_down"], norm=["norm"])
        tensors = self.rows["weight_tensor"]
        head = [t for t in tensors if t["name"] == "output.weight"]
        own = [t for t in tensors if any(w in t["name"] for w in of.get(component, ())) and (component == "norm" or "norm" not in t["name"])]
        if component == "lm_head" and not head:
            own = [t for t in tensors if "token_embd" in t["name"]]
        if not own:
            return None, None
        sizes = {}
        for t in own:
            sizes[t["type"]] = sizes.get(t["type"], 0) + t["size_bytes"]
        return min(sizes, key=lambda f: (-sizes[f], f)), F(8 * sum(t["size_bytes"] for t in own), sum(t["elements"] for t in own))

    def bandwidth(self):
        if not self.ceilings():
            return []
        p, ceiling, told = self.head.params, max(self.ceilings()), self.told()
        threads, cores = self.whole_fact("engine.threads"), self.whole_fact("host.cores_physical")
        if cores and "host.cgroup_cpus" in told:
            cores = int(min(cores, float(told["host.cgroup_cpus"])))
        exact = {c: sum(o["dur"] for o in self.op if o["component"] == c) for c in LABELS}
        arm = told.get("host.arch") in ("aarch64", "arm64")
        kernels = ("Q4_0", "IQ4_NL", "Q4_K", "Q2_K") + (("Q3_K", "Q5_K", "Q6_K", "Q7_K", "Q8_K", "Q8_0") if arm else ())
        answers, reading = [], []
        for c, dur in exact.items():
            if dur:
                read = self.weights(c)
                rate = F(read * 10**9, dur) if read is not None else None
                reading.append(dict(
                    component=c, label=LABELS[c], share=F(dur, self.total), mean=F(dur, len(self.token)), weight_bytes=F(read, len(self.token)) if read is not None else None,
                    rate=rate, ceiling=ceiling, ratio=rate / ceiling if rate is not None else None,
                    weighing_ratio=F(sum(o["dur"] for o in self.op if o["component"] == c and o["weight_bytes"]), dur),
                    format=self.stored(c)[0], weights=" ".join(w for w in (self.stored(c)[0], "weights") if w),
                    repacked=None if self.stored(c)[0] is None else self.stored(c)[0] in kernels, bits=self.stored(c)[1], largest=dur == max(exact.values())))
        self.case.tables("part_reading", list(reading[0]), reading)
        for c, dur in exact.items():
            if not dur or not self.weights(c):
                continue
            share, ratio_ = F(dur, self.total), F(self.weights(c) * 10**9, dur) / ceiling
            weighing = F(sum(o["dur"] for o in self.op if o["component"] == c and o["weight_bytes"]), dur)
            format_, bits = self.stored(c)
            verdict = self.verdict(ratio_)
            if verdict in ("compute", "mixed") and weighing < p["weighing"]:
                verdict = "apart"
            if verdict == "memory":
                advice = "smaller" if bits is not None and bits > p["few_bits"] else "batch"
            elif verdict in ("cache", "apart"):
                advice = verdict
            elif threads is not None and cores is not None and threads < cores:
                advice = "threads"
            elif "engine.system_info" in told and "REPACK = 1" not in told["engine.system_info"]:
                advice = "repack"
            else:
                advice = "format" if format_ is not None and format_ not in kernels else verdict
            gain = max(F(0), share * (1 - ratio_))
            if advice == "smaller":
                gain = share * (1 - p["four_bits"] / bits)
            if advice == "threads":
                gain = min(gain, share * (1 - F(threads, cores)))
            if advice == "cache":
                gain = None
            severity = None
            if share >= p["worth"] or dur == max(exact.values()):
                severity = "info"
            if gain is not None and gain >= p["serious"] and told.get("contention.level") != "severe":
                severity = "warning"
            answers.append(dict(
                stage="decode", part=c, label=LABELS[c], share=share, mean=F(dur, len(self.token)), weight_bytes=F(self.weights(c), len(self.token)),
                rate=ratio_ * ceiling, ceiling=ceiling, ratio=ratio_, weighing_ratio=weighing, format=format_, weights=(format_ + " " if format_ else "") + "weights", bits=bits, verdict=verdict,
                bound=verdict if verdict in ("memory", "compute") else "unclear", advice=advice, threads=threads, cores=cores, gain=gain, severity=severity,
                how=dict(cache="not estimated",
                         smaller="at most, at 4.5 bits per weight, read as fast as now",
                         threads="at most, with all cores at work, and no more than reading at the measured bandwidth wins").get(advice, "at most, were its weights read at the measured bandwidth")))
        return sorted(answers, key=lambda a: (-a["share"], a["part"]))

    def machine(self):
        p, told, answers = self.head.params, self.told(), []
        threads, cores, nodes = (self.whole_fact(n) for n in ("engine.threads", "host.cores_physical", "host.numa_nodes"))
        begin, end = min(t["ts"] for t in self.token), max(t["ts"] + t["dur"] for t in self.token)
        during = [s for s in self.rows["thread_sample"] if s["ts"] + s["dur"] > begin and s["ts"] < end]
        own = sorted(groups(during, "tid").values(), key=lambda s: (-F(sum(x["run_ns"] for x in s), sum(x["dur"] for x in s)), s[0]["tid"]))[: threads or 1]

        def add(part, found, share, advice, severity):
            answers.append(dict(stage="decode", part=part, found=found, share=share or 0, gain=share, advice=advice, severity=severity, cores=cores, how={
                "waiting": "at most, if they never waited", "threads": "at most, if no thread waited for another"}.get(part)
                if share is not None else "not estimated: the wait of threads for each other was not measured" if part == "threads" else
                "not told apart from what the parts of a token miss to the measured bandwidth"))

        if own:
            waited = F(sum(x["wait_ns"] for s in own for x in s), sum(x["dur"] for s in own for x in s))
            level = "warning" if waited >= p["serious"] else "info" if waited >= p["waiting"] else None
            add("waiting", "The engine's computing threads were ready to run and waited for a CPU for %s %% of the time" % fixed(waited * 100, 1), waited,
                "alone", None if told.get("contention.level") == "severe" else level)
        if threads is not None and cores is not None:
            waits = [mean(b["wait_ns"] for b in s) for s in groups(self.rows["barrier"], "step").values()]
            share = mean(waits) / mean(t["dur"] for t in self.token) if waits else None
            add("threads", "%d thread%s on %d physical core%s" % (threads, " computes" if threads == 1 else "s compute", cores, "" if cores == 1 else "s"), share,
                "smt", "info" if threads > cores and (share is None or share >= p["waits"]) else None)
        if "host.transparent_hugepages" in told:
            word = told["host.transparent_hugepages"]
            read = F(self.weights() or 0, len(self.token))
            add("pages", "Transparent huge pages: %s, so that weights lie in small pages, while the bandwidth was measured in large ones" % word, None, "pages",
                "info" if word != "always" and read >= p["large"] else None)
        if nodes is not None:
            add("nodes", "The machine has %d NUMA node%s" % (nodes, "" if nodes == 1 else "s, and threads read weights of any"), None, "nodes",
                "info" if nodes > 1 and (threads or 0) > 1 else None)
        return answers

    def components(self):
        whole = mean(t["dur"] for t in self.token)
        answers = [dict(component=c, share=mean(times) / whole, **spread([us(t) for t in times])) for c, times in self.parts().items()]
        return sorted(answers, key=lambda r: (-r["mean"], r["component"]))

    def contention(self):
        told = {m["name"]: m["value"] for m in self.rows["metadata"]}
        level = told.get("contention.level")
        if not level:
            return []
        return [dict(stage="decode", level=level, reason=told.get("contention.reason", "Other work on the machine: " + level),
                     severity="warning" if level == "severe" else None)]

    def during(self, rows):
        """Those that share more than an instant with the phase of the profiled steps."""
        self.begin, end = min(t["ts"] for t in self.token), max(t["ts"] + t["dur"] for t in self.token)
        return [r for r in rows if min(r["ts"] + r["dur"], end) > max(r["ts"], self.begin)]

    def cores(self):
        answers = [dict(core=c["core"], ts=c["ts"] - self.begin, dur=c["dur"], busy=c["busy_ratio"], user=c["user_ratio"], system=c["system_ratio"],
                        steal=c["steal_ratio"], mhz=c["freq_mhz"]) for c in self.during(self.rows["core_sample"])]
        return sorted(answers, key=lambda r: (r["core"], r["ts"]))

    def example(self):
        middle = quantile([t["dur"] for t in self.token], F(1, 2))
        t = min(self.token, key=lambda t: (abs(t["dur"] - middle), t["token"]))
        own = sorted((o for o in self.op if o["token"] == t["token"]), key=lambda o: (o["ts"], o["dur"], o["name"]))
        return [dict(o, us=us(t["dur"]), start=o["ts"] - t["ts"]) for o in own]

    def expert_pairs(self):
        found = {}
        for (_, layer), chosen in groups(self.rows["expert_choice"], "token", "layer").items():
            for a in chosen:
                for b in chosen:
                    if a["expert"] < b["expert"]:
                        key = layer, a["expert"], b["expert"]
                        found[key] = found.get(key, 0) + 1
        ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        return [dict(layer=k[0], first=k[1], second=k[2], tokens=n) for k, n in ordered[: int(self.head.params["most"])]]

    def experts(self):
        found = groups(self.rows["expert_choice"], "layer", "expert")
        return [dict(layer=k[0], expert=k[1], tokens=len(found[k])) for k in sorted(found)]

    def latency(self):
        kinds = [("profiled", self.token), ("unprofiled", self.rows["token_unprofiled"])]
        return [dict(steps=kind, **spread([us(t["dur"]) for t in rows])) for kind, rows in kinds if rows]

    def layers(self):
        found = groups([o for o in self.op if o["layer"] is not None], "layer", "component")
        return [dict(layer=k[0], component=k[1], us=us(sum(o["dur"] for o in found[k])) / len(self.token)) for k in sorted(found)]

    def neck(self):
        shares = [(c, F(sum(times), self.total)) for c, times in self.parts().items() if c in LABELS]
        part, share = min(shares, key=lambda s: (-s[1], LABELS[s[0]]))
        told = bool(self.ceilings()) and bool(self.weights(part)) and part != "remainder"
        return [dict(stage="decode", part=part, neck=LABELS[part], share=share, bound="unclear",
                     advice="rest" if part == "remainder" else "weightless" if self.ceilings() else "ceiling", severity=None if told else "info")]

    def overlap(self):
        overlapping = both = 0
        for (_,), own in groups(self.op, "token").items():
            own = sorted(own, key=lambda o: (o["ts"], o["dur"]))
            overlapping += sum(any(e["ts"] + e["dur"] > o["ts"] for e in own[:i]) for i, o in enumerate(own))
            edges = sorted({e for o in own for e in (o["ts"], o["ts"] + o["dur"])})
            for a, b in zip(edges, edges[1:]):
                both += (b - a) * (sum(o["ts"] <= a and b <= o["ts"] + o["dur"] for o in own) > 1)
        return [dict(pieces=len(self.op), overlapping=overlapping, overlap=F(both, len(self.token)), sequential=F(sum(o["dur"] for o in self.op), self.total))]

    def beside(self):
        return {u["token"]: u["dur"] for u in self.rows["token_unprofiled"]}

    def pairs(self):
        beside = self.beside()
        return [dict(token=t["token"], profiled=t["dur"], unprofiled=beside[t["token"]]) for t in self.in_order() if t["token"] in beside]

    def in_order(self):
        return sorted(self.token, key=lambda t: t["token"])

    def tokens(self):
        beside, begin = self.beside(), min(t["ts"] for t in self.token)
        return [dict(token=t["token"], ts=t["ts"] - begin, us=us(t["dur"]), unprofiled_us=us(beside[t["token"]]) if t["token"] in beside else None,
                     position=t["position"]) for t in self.in_order()]

    def sync(self):
        steps = groups(self.rows["barrier"], "step").values()
        waits = [us(mean(b["wait_ns"] for b in s)) for s in steps]
        share = mean(waits) / us(mean(t["dur"] for t in self.token))
        threads, cores = self.whole_fact("engine.threads"), self.whole_fact("host.cores_physical")
        return [dict(spread(waits), advice="many" if threads and cores and threads > cores else "alone", gain=share, step_mean=us(mean(s[0]["step_dur"] for s in steps)), threads=max(len(s) for s in steps), stage="decode",
                     share=share, severity="info" if share >= self.head.params["limit"] else None)]

    def threads(self):
        answers = []
        for (tid,), own in groups(self.during(self.rows["thread_sample"]), "tid").items():
            wall = sum(s["dur"] for s in own)
            answers.append(dict(tid=tid, name=own[0]["name"], running=ratio(sum(s["run_ns"] for s in own), wall),
                                waiting_for_cpu=ratio(sum(s["wait_ns"] for s in own), wall), involuntary=sum(s["involuntary_switches"] for s in own)))
        kept = [r for r in answers if r["running"] >= self.head.params["min_running"]]
        return sorted(kept, key=lambda r: (-r["running"], r["tid"]))


def dram(value, name="dram_read", device="cpu"):
    return name, device, value, "B/s", value, 0.5, 3, 4, "reads"


def whole():
    """Twelve steps. The median lies between the steps 7 and 0, equally far from both."""
    tokens, ops, ts = [], [], 7000
    for t, hundreds in enumerate((1040, 900, 1000, 1210, 960, 1800, 930, 1020, 980, 1100, 5000, 1060)):
        dur = 100 * hundreds
        tokens.append((t, ts, dur, None if t == 4 else 64 + t, 300 + t))
        at = ts + 10

        def piece(layer, name, component, length, kind, weights=None, begin=None):
            nonlocal at
            ops.append((t, layer, name, component, at if begin is None else begin, length, kind, 1, weights, None))
            if begin is None:
                at += length

        piece(None, "inp_embd", "embedding", 1500 + t, "GET_ROWS", 64)
        for layer in (0, 1):
            piece(layer, "norm", "norm", 1000 + 7 * t * t, "RMS_NORM")
            if layer == 0 and t in (0, 3):  # of no length, where another begins
                piece(layer, "reshape", "norm", 0, "RESHAPE", begin=at)
                piece(layer, "view", "norm", 0, "VIEW", begin=at)
            piece(layer, "kqv", "attention", (28 + 3 * layer) * dur // 100, "MUL_MAT", 40_000)
            if layer == 1 and t % 3 == 0:
                continue  # a step that no expert of this layer took part in
            piece(layer, "ffn_logits", "t_routing", 2000 - 40 * t, "MUL_MAT", 500)
            piece(layer, "ffn_up", FEED, (9 - 2 * layer) * dur // 100, "MUL_MAT_ID", 90_000 + t)
            piece(layer, "ffn_act", FEED, 700, "SWIGLU")
        piece(None, "result_output", "lm_head", 6000 if t else 9000, "MUL_MAT", 30_000)
        if t == 3:  # three at once, one of them of no length, two that begin together; then a third where two were and goes on
            begin = at
            piece(1, "a", "sampling", 1000, "X", begin=begin)
            piece(1, "b", "sampling", 600, "X", begin=begin + 200)
            piece(1, "c", "sampling", 300, "X", begin=begin + 300)
            piece(1, "d", "sampling", 0, "X", begin=begin + 400)
            piece(1, "e", "sampling", 250, "X", begin=begin + 900)
            piece(1, "f", "sampling", 100, "X", begin=begin + 1150)  # begins as another ends
            piece(1, "g", "sampling", 90, "X", begin=begin + 1150)
        ts += dur + 500
    end = tokens[-1][1] + tokens[-1][2]
    experts = [(t, layer, slot, e, 0.25) for t in range(12) for layer in (0, 1)
               for slot, e in enumerate(((t * t) % 5, 5 + t % (2 + layer), 8 + (t // 5)) if (t + layer) % 4 else (9, 1, 4))]
    cores = []
    for core, freq in ((2, 3000.5), (0, None)):
        for begin, dur in ((end, 50), (end - 30, 50), (100_000, 70_000), (6990, 20), (6900, 100), (6000, 900), (end - 500, 10), (end + 10, 5)):
            n = len(cores) + 1
            cores.append((begin, dur, core, n / 32, n / 64, n / 128, n / 256, freq))
    threads = []

    def thread(tid, name, *samples):
        threads.extend((ts, dur, tid, name, run, wait, 3, switches) for ts, dur, run, wait, switches in samples)

    thread(31, "idle", (6500, 1000, 14, 1, 9), (8000, 1000, 6, 0, 2))  # runs just 1 % of its time
    thread(12, "asleep", (8000, 1000, 9, 0, 0), (9000, 1000, 10, 700, 5))  # a little less
    thread(44, "worker", (6000, 1000, 0, 0, 100), (6900, 200, 100, 40, 3), (9000, 800, 760, 60, 7), (end - 1, 500, 400, 20, 11), (end, 500, 500, 0, 1000))
    thread(21, "equal", (9000, 400, 320, 7, 1))
    thread(22, "less", (9000, 400, 100, 300, 40), (9400, 1200, 300, 100, 2))
    thread(20, "equal", (9000, 800, 640, 5, 1))
    thread(50, "late", (end, 100, 100, 0, 0))
    waits = [(s, 1000 + th, 30_000 + 3000 * s * s + 500 * th * th * (s + 1), 80, 400_000 + 9000 * s * s) for s in range(11) for th in range(4 if s % 2 else 3)]
    feed = [o for o in ops if o[3] == FEED]
    rate = F(sum(o[8] or 0 for o in feed) * 10**9, sum(o[5] for o in feed))
    ceiling = int(rate / F(7, 10)) + 1000  # just less than 0.7 of it: mixed
    return dict(
        token=tokens[::-1],
        token_unprofiled=[(t, 1000 + t, 88_000 + 900 * t * t, 64 + t) for t in (11, 3, 2, 1, 0, 5, 6, 7, 8, 9, 10, 12)],
        op=ops[::-1], expert_choice=experts[::-1], barrier=waits, core_sample=cores, thread_sample=threads,
        ceiling=[dram(9 * ceiling, "l2_read"), dram(5 * ceiling, device="gpu:0"), dram(ceiling // 2), dram(ceiling), dram(ceiling // 3)],
        metadata=[("model.name", "m"), ("contention.reason", "other processes used 31 % of the machine"), ("contention.level", "severe"), ("host.os", "x")],
        not_measured=[("t_pcie_transfer", "not_applicable", "no GPU took part", None)])


def small(weights, ceilings, waits, level=None, reason=None, more=(), steps=2):
    """Steps of 1 µs, each with 100 ns of the feed-forward part after 300 ns of attention; the weights are of a step."""
    tokens = [(t, 5000 + 2000 * t, 1000, t, 7) for t in range(steps)]
    ops = [o for t in range(steps) for o in (
        (t, 0, "kqv", "attention", 5000 + 2000 * t, 300, "MUL_MAT", 1, 50, None),
        (t, 0, "ffn_up", FEED, 5300 + 2000 * t, 100, "MUL_MAT_ID", 1, weights, None))]
    ops += [(t, layer, name, component, 5000 + 2000 * t + begin, dur, "X", 1, size, None) for t, layer, name, component, begin, dur, size in more]
    facts = [("contention.level", level), ("contention.reason", reason)]
    return dict(token=tokens, op=ops, ceiling=ceilings, barrier=[(step, 1, ns, 9, 3000) for step, ns in enumerate(waits)],
                metadata=[f for f in facts if f[1]] or [("model.name", "m")])


Run("decode-run", **whole())
# One of each; the step takes a nanosecond. 9 bytes in it are 0.45 of the ceiling: compute.
Run("decode-one", token=[(0, 40, 1, 9, 3)], token_unprofiled=[(0, 50, 2, 9)], op=[(0, None, "ffn_up", FEED, 40, 1, "MUL_MAT_ID", 1, 9, None)],
    expert_choice=[(0, 3, 0, 6, 1)], barrier=[(0, 8, 5, 1, 70)], core_sample=[(40, 1, 1, 0.5, 0.25, 0.125, 0, 1000)],
    thread_sample=[(40, 1, 8, "one", 1, 0, 0, 2)], ceiling=[dram(20_000_000_000)], metadata=[("contention.level", "none"), ("contention.reason", "others used 0.4 %")])
# Steps alone; it was contended, and the recorder gave no numbers. Its barriers cost 0.15 of a step.
Run("decode-unmeasured", **dict(small(None, [], [150], "severe"), op=[], not_measured=[("dram_read", "not_measured", "no time was left", "record again")]))
# The ceilings are of something else: not of memory, not of the CPU. No reason again. Barriers cost 0.149 of a step, half of the time 0.16.
Run("decode-elsewhere", "bound", "bandwidth", "contention", "neck", "sync", **small(700, [dram(10**10, "l2_read"), dram(10**10, device="gpu:0")], [160, 100, 187], "some"))
# A ceiling, and weights of another part alone.
Run("decode-unweighed", "bound", "bandwidth", "contention", "neck", **small(None, [dram(10**10)], [], more=[(0, None, "act", FEED, 400, 10, None)]))
# 0.7 of the ceiling: memory. Waiting within the parts takes longest and is none of them; attention is as long as the head, norms as long as routing.
Run("decode-memory", "bound", "components", "neck", "overlap", **small(700, [dram(10**10)], [], more=[
    (t, *p) for t in (0, 1) for p in ((0, "wait", "t_sync", 0, 900, 9), (None, "out", "lm_head", 400, 300, None), (1, "norm", "norm", 700, 50, None),
                                      (1, "logits", "t_routing", 750, 50, 3))]))
# Just more than 0.45: mixed. 1.1: memory. Just more: the weights came from a cache.
Run("decode-mixed", "bound", "neck", "overlap", **small(451, [dram(10**10)], [], steps=1))
Run("decode-full", "bound", **small(1100, [dram(10**10)], [], steps=3))
Run("decode-cache", "bound", **small(1101, [dram(10**10)], [], steps=1))

TENSORS = [("blk.0.attn_q.weight", "Q8_0", 100, 106), ("blk.0.attn_output.weight", "Q4_0", 100, 56), ("blk.0.attn_norm.weight", "F32", 10, 40),
           ("blk.0.ffn_gate_inp.weight", "F32", 10, 40), ("blk.0.ffn_up.weight", "Q4_K", 1000, 562), ("token_embd.weight", "Q6_K", 100, 82)]


def advised(name, facts, share=(300, 100, 200), weights=(50, 700, 100), tensors=TENSORS, waits=(), threads=(), ceiling=10**10, tokens=2, rest=()):
    """Steps of 1 µs: attention, the feed-forward part and the head, with their weights' bytes per step."""
    steps = [(t, 5000 + 2000 * t, 1000, t, 7) for t in range(tokens)]
    ops = [(t, layer, piece, component, 5000 + 2000 * t + 250 * i, share[i], "MUL_MAT", 1, weights[i], None) for t in range(tokens)
           for i, (layer, piece, component) in enumerate(((0, "kqv", "attention"), (0, "ffn_up", FEED), (None, "result_output", "lm_head")))]
    ops += [(t, 0, "soft", component, 5000 + 2000 * t + 900, dur, "SOFT_MAX", 1, None, None) for t in range(tokens) for component, dur in rest]
    Run(name, "bandwidth", "machine", "neck", "sync", token=steps, op=ops, ceiling=[dram(ceiling)], barrier=[(s, th, ns, 9, 3000) for s, th, ns in waits],
        thread_sample=[(5000, 1000, tid, "w", run, wait, 0, 0) for tid, run, wait in threads], weight_tensor=tensors, metadata=list(facts.items()))


AMD = {"host.arch": "amd64", "engine.system_info": "CPU : AVX2 = 1 | REPACK = 1 |"}
# The feed-forward part waits for memory with few bits, the head computes in a format without kernels, attention has a free core.
advised("decode-advice", AMD | {"engine.threads": "2", "host.cores_physical": "2", "host.transparent_hugepages": "madvise", "host.numa_nodes": "1"},
        threads=[(1, 900, 49), (2, 950, 50), (3, 100, 900)], waits=[(0, 0, 40), (0, 1, 56), (1, 0, 48)])
# Half of the cores stand still, of more that a group may not use; a head of its own; bits that a smaller format shortens, on both sides of the edge.
advised("decode-threads", AMD | {"engine.threads": "2", "host.cores_physical": "8", "host.cgroup_cpus": "4.5", "host.numa_nodes": "2", "host.transparent_hugepages": "always"},
        weights=(2200, 100, 2400), tensors=[("output.weight", "Q8_0", 100, 106), ("blk.0.attn_q.weight", "Q5_0", 80, 50), ("blk.0.attn_v_norm.weight", "F32", 80, 500)],
        threads=[(1, 900, 18), (2, 950, 20), (3, 100, 900)])
# More threads than cores; a build that does not repack; pieces that read no weights take more than half of attention; a machine that was disturbed.
advised("decode-many", {"host.arch": "aarch64", "engine.system_info": "CPU : NEON = 1 |", "engine.threads": "4", "host.cores_physical": "1", "host.numa_nodes": "2",
                        "host.transparent_hugepages": "never", "contention.level": "severe"},
        share=(100, 300, 200), weights=(400, 1500, 10**9), rest=[("attention", 101)], threads=[(1, 900, 90), (2, 950, 90)], waits=[(0, 0, 50), (0, 1, 50)], ceiling=10**10)
# Arm repacks what others do not; nothing is told of threads; a part of a token that no piece accounts for.
advised("decode-arm", {"host.arch": "arm64", "engine.system_info": "CPU : NEON = 1 | REPACK = 1 |", "host.transparent_hugepages": "madvise", "host.numa_nodes": "3"},
        share=(100, 100, 150), weights=(100, 450, 300), waits=[(0, 0, 49)], tokens=1, threads=[(1, 900, 5)])
