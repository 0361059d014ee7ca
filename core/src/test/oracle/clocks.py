"""Case `clocks`: clocks below the highest, on both sides of each threshold of bound/throttle, for each reason.

Each stage has a GPU of its own whose highest clock is 2000 MHz, and a second's time of which kernels run for some.
"""

from fractions import Fraction as F

from golden import Case, Head, groups, mean, quantile
from shares import STEP, stages
from work import OP

CASE = Case("clocks")
S = 1000_000_000
COUNTED = 128 + 64 + 32 + 8 + 4 + 2  # bits of the reasons that hold a clock back


def inputs():
    times, ops, placed, samples = [], [], [], []

    def stage(name, clocks, compute=900, bits=(), power=(300, 420, 390), memory=0, after=(), source=1, device=None, between=True, work=1, limit=None,
              most=None):
        """Samples of the clock while it ran, and behind it; compute in thousandths; bits of the reasons; time in kernels of memory."""
        device = len(times) if device is None else device
        ts = 10 * S * (len(times) + 1)
        for k, (judged, stage_, a, b) in enumerate(((False, name, -2 * S, -S), (True, name, 0, 800_000_000), (True, "between", 800_000_000, S))):
            if stage_ == "between" and not between:
                continue
            row = dict.fromkeys(STEP, 0)
            n = len(times) + 1
            row.update(step=n, device=device, source_id=source, stage=stage_, belongs=name, first=not judged, judged=judged, ts=ts + a, end_ts=ts + b,
                       wall=b - a, compute=compute * 1_000_000 if stage_ == name else 7, ops=3)
            times.append(row)
            for nature, part, class_ in (("memory", memory, "compute"), ("unknown", 100 - memory, "compute"), ("memory", 500, "comm")):
                if part and work is not None:
                    op = dict.fromkeys(OP)
                    op.update(id=len(ops) + 1, ts=ts + a, end_ts=ts + a + int(part * work) * (1 if judged else 5000 + 100 * (nature == "memory")), device=device, stream=7,
                              kind="kernel", short_name="k", category="other", nature=nature, graph=False, source_id=source)
                    op["class"] = class_
                    ops.append(op)
                    placed.append(dict(id=op["id"], step=n, by="time"))
        end = ts + (S if between else 800_000_000)

        def sample(at, metric, value, unit="MHz"):
            samples.append(dict(ts=at, device="gpu:%d" % device, metric=metric, value=value, unit=unit, source_id=source))

        for k, v in enumerate(clocks):
            sample(ts if k == 0 else end if k == 1 else ts + 1000 * k, "sm_clock", v)
        for at, v in after:
            sample(end + at, "sm_clock", v)
        for k, v in enumerate(power):
            sample(ts + 999 * k, "power", v, "W")
        for k, v in enumerate(bits):
            sample(ts + 5000 * k, "throttle", v, "bits")
        if limit:
            sample(ts + 6, "power_limit", limit, "W")
        if most:
            sample(ts + 7, "power_limit_max", most, "W")
        # Before and long after.
        for at, value in ((ts - 1, 345), (end + 400_000_000, 456)):
            sample(at, "sm_clock", value)
            sample(at, "power", value, "W")
            sample(at, "throttle", 4, "bits")
        sample(ts + 3, ("sm_clock_max", "clocks.max.sm", "sm_clock")[len(times) % 3], 2000)
        sample(ts + 4, "mem_clock", 2600)
        # Another GPU at the same time.
        samples.append(dict(ts=ts + 5, device="gpu:998", metric="sm_clock", value=777, unit="MHz", source_id=source))

    fine = (0, 1, 0, 16, 0)
    for name, clock in (("l9", 1810), ("l10", 1800), ("l11", 1790), ("s24", 1520), ("s25", 1500), ("s26", 1490)):
        stage(name, (clock, clock + 50, clock - 50, clock, clock + 1), bits=fine, memory=40 if name in ("s24", "s25") else 0)
    stage("memory", (1400, 1400, 1401), memory=60)
    stage("memory_mild", (1600, 1603, 1601), memory=30)
    # A fiftieth of the time, and a little less, a little more.
    for compute in (79, 80, 81):
        stage("share%d" % compute, (1500, 1500, 1500), compute=compute, bits=(4, 4))
    # Kernels run for half of the time, for less.
    for compute in (399, 400, 401):
        stage("half%d" % compute, (1510, 1510, 1510, 1510), compute=compute, between=False)
    # A reason in a fifth of the samples, in less: then a mild loss is told, or not.
    stage("fifth", (1850, 1850, 1850), bits=(4, 0, 0, 0, 0))
    stage("sixth", (1850, 1850, 1850), bits=(4, 0, 0, 0, 0, 1))
    stage("less", (1850, 1850, 1850), bits=(4, 4, 4) + 13 * (0,))
    # Two samples while it ran are too few, three are enough; with fewer than three those up to 0.2 s behind it count too.
    stage("two", (1400, 1400))
    stage("three", (1400, 1300, 1500), after=((50_000_000, 1700), (60_000_000, 1700), (70_000_000, 1700)))
    stage("behind", (1400, 1410), after=((200_000_000, 1200), (200_000_001, 1900), (1, 1250)))
    # Each reason, and the one with most samples.
    for name, bits in (("brake", (128, 255, 128)), ("heat", (64, 72, 64)), ("slow_heat", (32, 33, 34)), ("hardware", (8, 12, 40)), ("power", (4, 36, 6)),
                       ("setting", (2, 3, 2)), ("idle", (1, 16, 1)), ("mostly", (4, 4, 8, 8, 8, 128)), ("even", (4, 64, 0))):
        stage(name, (1500, 1400, 1450), bits=bits)
    # Nothing but memory, at a mild loss; no clock at all; another source of a GPU.
    stage("all_memory", (1700, 1700, 1700), memory=100)
    stage("dark", (0, 0, 0), power=())
    stage("brake", (1450, 1300, 1450), source=2, bits=(2, 2, 2), memory=25)
    stage("brake", (1350, 1300, 1450), source=1, bits=(2, 4, 4), power=())
    # Another stage, and the same in another source, on a GPU that has one.
    stage("later", (1650, 1600, 1650), bits=(32, 32), memory=10, device=57)
    stage("brake", (1550, 1600, 1500), bits=(8, 8, 8), memory=70, device=57, source=3)
    # Kernels of no length, of a nanosecond, none.
    stage("nil", (1700, 1700, 1700), work=0)
    stage("one", (1700, 1700, 1700), work=F(1, 100), memory=100)
    stage("void", (1700, 1700, 1700), work=None)
    stage("crawl", (1, 1, 1))
    # A step on two GPUs.
    times.append(dict(times[-3], device=999, compute=5))
    # Held back by power: the limit below its maximum, at it, half a watt below, a little more; one of the two alone; at it, held by heat.
    for name, limit, most, bits in (("low", 400, 700, 4), ("full", 700, 700, 4), ("nearly", 699.5, 700, 4), ("below", 699.25, 700, 4),
                                    ("half_told", 700, None, 4), ("top_told", None, 700, 4), ("hot", 700, 700, 64)):
        stage(name, (1500, 1400, 1450), bits=3 * (bits,), limit=limit, most=most)
    # The recorder of the GPUs says the highest limit once, among its facts.
    CASE.write("rows/metadata", ["name", "value"], [dict(name="gpu.%d.power_limit_max_w" % len(times), value="500.0"), dict(name="gpu.%d.power_limit_max_w" % (len(times) + 7), value="no")])
    stage("by_fact", (1500, 1400, 1450), bits=(4, 4, 4), limit=500)
    CASE.write("derived/step_time", STEP, times)
    CASE.write("derived/device_op", OP, ops)
    CASE.write("derived/step_op", list(placed[0]), placed)
    CASE.write("rows/hw_sample", list(samples[0]), samples)


def reason(bits):
    for mask, name in ((128, "brake"), (64, "heat"), (8, "hardware"), (4, "power"), (32, "heat")):
        if bits & mask:
            return name
    return "setting"


def answers():
    times, samples = CASE.table("derived/step_time"), CASE.table("rows/hw_sample")
    step_of = {p["id"]: p["step"] for p in CASE.table("derived/step_op")}
    ops = CASE.table("derived/device_op")
    p, rows = Head("bound/throttle").params, []
    words = dict(brake="the power brake", heat="heat", hardware="heat or the power brake", power="the power limit", setting="a clock setting",
                 none="a clock lock or a limit for which the device gives no reason")
    facts = {f["name"]: f["value"] for f in CASE.table("rows/metadata")}
    for t in stages(times):
        judged = [r for r in times if r["judged"] and (r["belongs"], r["device"], r["source_id"]) == (t["stage"], t["device"], t["source_id"])]
        begin, end = min(r["ts"] for r in judged), max(r["end_ts"] for r in judged)
        mine = [s for s in samples if s["device"] == "gpu:%d" % t["device"]]

        def taken(metric):
            all_ = [s for s in mine if s["metric"] == metric and begin <= s["ts"] <= end + 200_000_000]
            during = [s["value"] for s in all_ if s["ts"] <= end]
            return during if len(during) >= 3 else [s["value"] for s in all_]

        clocks, power, bits = taken("sm_clock"), taken("power"), taken("throttle")
        clock = quantile(clocks, "0.5")
        if not clock:
            continue
        top = max(s["value"] for s in mine if s["metric"] in ("sm_clock", "sm_clock_max", "clocks.max.sm"))
        held = [b for b in bits if b & COUNTED]
        counts = {a: len(r) for (a,), r in groups([dict(a=reason(b)) for b in held], "a").items()}
        advice = max(counts, key=lambda a: (counts[a], a)) if counts else "none"
        limits, most = taken("power_limit"), [s["value"] for s in mine if s["metric"] == "power_limit_max"]
        most += [facts[f] for f in ["gpu.%d.power_limit_max_w" % t["device"]] if f in facts and facts[f] != "no"]
        said = words[advice]
        if advice == "power" and limits and most:
            advice = "maximum" if quantile(limits, "0.5") >= max(most) - F(1, 2) else "raise"
        work = [o for o in ops if o["class"] == "compute" and (o["device"], o["source_id"]) == (t["device"], t["source_id"])
                and step_of[o["id"]] in {r["step"] for r in judged}]
        all_time = sum(o["end_ts"] - o["ts"] for o in work)
        memory = F(sum(o["end_ts"] - o["ts"] for o in work if o["nature"] == "memory"), all_time) if all_time else 0
        loss = F(top - clock) / top
        slowed = t["compute"] * (1 if loss >= p["severe"] else 1 - memory)
        ratio = F(len(held), len(bits)) if bits else None
        share = loss * slowed / t["total"]
        if share < F(2, 100) or (ratio or 0) < F(1, 5) and (loss < p["limit"] or slowed * 2 < t["total"] or len(clocks) < 3):
            severity = None
        else:
            severity = "critical" if loss >= p["severe"] else "warning" if loss >= p["limit"] else "info"
        rows.append((-share, t["stage"], t["device"], t["source_id"], dict(
            stage=t["stage"], device=t["device"], clock=clock, top_clock=top, power=mean(power),
            reason="a limit whose reason was not recorded" if ratio is None else said, throttled_ratio=ratio, samples=len(clocks),
            power_limit=quantile(limits, "0.5"), power_limit_max=max(most) if most else None,
            evidence="its reasons were not sampled" if ratio is None else "it gave a reason in %d %% of them" % int(ratio * 100 + F(1, 2)),
            share=share, time=loss * slowed / t["steps"], wall=F(t["wall"], t["steps"]),
            stake=(loss + (p["weight"] if loss >= p["limit"] else 0)) * slowed / t["total"], gain=share, advice=advice, severity=severity)))
    CASE.answer("bound/throttle", [r[-1] for r in sorted(rows, key=lambda r: r[:4])])


if __name__ == "__main__":
    inputs()
    answers()
