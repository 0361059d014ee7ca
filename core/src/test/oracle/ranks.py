"""Case `ranks`: two ranks that take each step together, and a recording that is no rank of theirs.

The ranks have steps of one stage at the same positions; the second has one more. A rank has two GPUs.
"""

from golden import PERIOD, SUMMED, Case, groups, mean, ratio

CASE = Case("ranks")


def inputs():
    periods, host = [], []

    def add(source, step, stage, ts, period, device=0, told="next", judged=True, usual=True):
        n = len(periods)
        p = dict.fromkeys(SUMMED, 0) | dict(step=step, device=device, source_id=source, stage=stage, ts=ts, end_ts=ts + period, period=period, told=told, judged=judged, usual=usual,
                                            since=None, wall=period - 7 * n, span=None, between=n, between_busy=0, between_host=0)
        p.update(compute=period // 3, peer=n if stage == "decode" else 0, rest=2 * n, host=period - period // 3 - 2 * n, busy=period // 3 + n, kernels=n, launches=n + 1)
        periods.append(p)
        if device == 0:
            host.append(dict(step=step, stage=stage, belongs=stage, seq=n, first=False, ts=ts, end_ts=ts + period, track_id=source, source_id=source, tokens=4 + source))

    for k in range(4):
        add(2, 20 + k, "decode", 1000 * k + 3, 700 + 11 * k)
        add(2, 20 + k, "decode", 1000 * k + 3, 720 + 13 * k, device=1)
        add(1, 10 + k, "decode", 1000 * k + 5, 800 + k, usual=k != 2)
        add(3, 30 + k, "decode", 1000 * k + 9, 500 + k)
    add(2, 28, "decode", 5000, 333)
    add(2, 29, "decode", 6000, 999, judged=False, usual=False)
    add(1, 17, "prefill", 9000, 90, told="wall")
    CASE.write("derived/step_period", PERIOD, periods)
    CASE.write("derived/host_step", list(host[0]), host)
    CASE.write("derived/device_op", ["id", "ts", "end_ts"], [dict(id=1, ts=0, end_ts=1)])
    # The source with the higher number is rank 0.
    CASE.write("rows/source", ["id", "name", "rank"], [dict(id=1, name="b", rank=1), dict(id=2, name="a", rank=0), dict(id=3, name="c", rank=None)])


def answers():
    periods, host = CASE.table("derived/step_period"), {h["step"]: h for h in CASE.table("derived/host_step")}
    rank = {1: 1, 2: 0}
    seen = {}
    for p in periods:
        if p["judged"]:
            seen.setdefault((p["stage"], p["source_id"]), {}).setdefault(p["step"], p["end_ts"])
    counted = []
    for (stage, source), steps in seen.items():
        for nth, step in enumerate(sorted(steps, key=steps.get)):
            lowest = min((rank[s], s) for s in rank if source in rank and len(seen.get((stage, s), {})) > nth)[1] if source in rank else source
            own = seen[stage, lowest]
            counted.append(dict(stage=stage, step=step, source_id=source, counted=sorted(own, key=own.get)[nth], counted_source=lowest))
    CASE.tables("counted_step", list(counted[0]), counted)
    of = {(c["step"], c["source_id"]): (c["stage"], c["counted"], c["counted_source"]) for c in counted}
    steps = {}
    for p in periods:
        if p["judged"]:
            steps.setdefault(of[p["step"], p["source_id"]], []).append(p)
    CASE.tables("judged_step", ["stage", "step", "source_id", "ts", "dur", "period", "wall", "tokens", "told"], [
        dict(stage=stage, step=step, source_id=source, ts=min(p["ts"] for p in on), dur=mean(p["period"] for p in on),
             period=mean(p["period"] for p in on) if on[0]["told"] != "wall" else None, wall=mean(p["wall"] for p in on), tokens=host[step]["tokens"], told="device")
        for (stage, step, source), on in steps.items()])
    parts = dict(compute="t_gpu_computation", communication="t_communication", copy="t_pcie_transfer", launch="t_gpu_kernel_launch", sync="t_sync", host="t_scheduling",
                 peer="t_peer", other="remainder")
    for p in periods:
        p["other"] = p["rest"] - p["peer"]
    CASE.tables("step_part", ["stage", "step", "source_id", "component", "dur"], [
        dict(stage=stage, step=step, source_id=source, component=name, dur=mean(p[part] for p in on))
        for (stage, step, source), on in steps.items() for part, name in parts.items() if name != "t_peer" or stage == "decode"])


if __name__ == "__main__":
    inputs()
    answers()
