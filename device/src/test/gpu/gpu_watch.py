"""The comparison that gpu-watch.sh starts. Standard library, PyTorch for the load, pynvml where it is there."""

import argparse
import csv
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

MIB = 1 << 20
GPM = {"sm_active": 2, "sm_occupancy": 3, "tensor_active": 5, "dram_active": 10, "pcie_tx": 20, "pcie_rx": 21}
SMI = {
    "power": "power.draw",
    "power_instant": "power.draw.instant",
    "sm_clock": "clocks.sm",
    "mem_clock": "clocks.mem",
    "temperature": "temperature.gpu",
    "gpu_util": "utilization.gpu",
    "mem_used": "memory.used",
}
SCALE = {"gpu_util": 1e-2, "mem_used": MIB}
FACTS = {
    "gpu.driver": "driver_version",
    "gpu.0.name": "name",
    "gpu.0.uuid": "uuid",
    "gpu.0.pci_bus": "pci.bus_id",
    "gpu.0.power_limit_w": "enforced.power.limit",
    "gpu.0.power_limit_default_w": "power.default_limit",
    "gpu.0.power_limit_min_w": "power.min_limit",
    "gpu.0.power_limit_max_w": "power.max_limit",
    "gpu.0.sm_clock_max_mhz": "clocks.max.sm",
    "gpu.0.mem_clock_max_mhz": "clocks.max.mem",
    "gpu.0.mem_total_bytes": "memory.total",
    "gpu.0.mem_reserved_bytes": "memory.reserved",
    "gpu.0.pcie_gen_max": "pcie.link.gen.max",
    "gpu.0.pcie_width_max": "pcie.link.width.max",
    "gpu.0.compute_capability": "compute_cap",
    "gpu.0.ecc": "ecc.mode.current",
    "gpu.0.mig": "mig.mode.current",
}
# How far two samplers of one sensor may lie apart over a phase: (share of the value, absolute).
ALLOWED = {
    "power": (0.06, 8),
    "power_instant": (0.06, 8),
    "sm_clock": (0.03, 20),
    "mem_clock": (0.02, 10),
    "temperature": (0, 2),
    "gpu_util": (0, 0.12),
    "mem_used": (0.01, 64 * MIB),
    "sm_active": (0.05, 0.02),
    "sm_occupancy": (0.05, 0.02),
    "tensor_active": (0.05, 0.02),
    "dram_active": (0.05, 0.02),
    "pcie_tx": (0.08, 3e7),
    "pcie_rx": (0.08, 3e7),
    "throttled": (0, 0.2),
}
FAILED = []


def load(path, scale):
    """What the GPU is given to do, each phase with its moments on CLOCK_MONOTONIC."""
    import torch

    size = 8192
    a = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    b = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    host = torch.empty(1 << 29, dtype=torch.uint8, pin_memory=True)
    device = torch.empty(1 << 29, dtype=torch.uint8, device="cuda")
    torch.mm(a, b)
    device.copy_(host)
    torch.cuda.synchronize()

    def phase(name, seconds, act, amount):
        begin = time.monotonic_ns()
        done = 0
        while time.monotonic_ns() - begin < seconds * 1e9 * scale:
            done += act()
        torch.cuda.synchronize()
        end = time.monotonic_ns()
        with open(path, "a") as out:
            out.write(json.dumps({"phase": name, "begin": begin, "end": end, amount: done}) + "\n")

    def sleep():
        time.sleep(0.2)
        return 0

    def multiply():
        for _ in range(20):
            torch.mm(a, b)
        torch.cuda.synchronize()
        return 20 * 2 * size**3

    def copy():
        for _ in range(8):
            device.copy_(host, non_blocking=True)
        torch.cuda.synchronize()
        return 8 * host.numel()

    phase("idle", 4, sleep, "nothing")
    phase("matmul", 7, multiply, "flop")
    phase("copy", 6, copy, "bytes")


class Binding(threading.Thread):
    """NVIDIA's binding for Python, ten times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.rows = []
        self.stopped = threading.Event()
        self.why = ""

    def run(self):
        try:
            import pynvml

            pynvml.nvmlInit()
            gpu = pynvml.nvmlDeviceGetHandleByIndex(0)
            self.sample(pynvml, gpu)
        except Exception as e:  # noqa: BLE001 - the column stays empty, with the reason
            self.why = f"{type(e).__name__}: {e}"

    def sample(self, p, gpu):
        last, before = None, 0
        while not self.stopped.wait(0.105):
            row = {"ts": time.monotonic_ns()}
            row["power"] = p.nvmlDeviceGetPowerUsage(gpu) / 1e3
            instant = p.nvmlDeviceGetFieldValues(gpu, [186])[0]
            if instant.nvmlReturn == 0:
                row["power_instant"] = instant.value.uiVal / 1e3
            row["sm_clock"] = p.nvmlDeviceGetClockInfo(gpu, 1)
            row["mem_clock"] = p.nvmlDeviceGetClockInfo(gpu, 2)
            row["temperature"] = p.nvmlDeviceGetTemperature(gpu, 0)
            row["gpu_util"] = p.nvmlDeviceGetUtilizationRates(gpu).gpu / 1e2
            row["mem_used"] = p.nvmlDeviceGetMemoryInfo(gpu, version=p.nvmlMemory_v2).used
            row["throttle"] = p.nvmlDeviceGetCurrentClocksEventReasons(gpu)
            try:
                sample = p.nvmlGpmSampleAlloc()
                p.nvmlGpmSampleGet(gpu, sample)
                if last is not None and row["ts"] - before > 100_000_000:
                    row.update(self.gpm(p, last, sample))
                if last is not None:
                    p.nvmlGpmSampleFree(last)
                last, before = sample, row["ts"]
            except Exception as e:  # noqa: BLE001
                self.why = f"GPM: {type(e).__name__}: {e}"
            self.rows.append(row)

    @staticmethod
    def gpm(p, first, second):
        get = p.c_nvmlGpmMetricsGet_t()
        get.version = 1
        get.numMetrics = len(GPM)
        get.sample1, get.sample2 = first, second
        for i, number in enumerate(GPM.values()):
            get.metrics[i].metricId = number
        p.nvmlGpmMetricsGet(get)
        return {
            name: get.metrics[i].value * (MIB if name.startswith("pcie") else 1e-2)
            for i, name in enumerate(GPM)
            if get.metrics[i].nvmlReturn == 0
        }


def smi_loop(path):
    fields = "timestamp," + ",".join(SMI.values())
    out = open(path, "w")
    command = ["nvidia-smi", "-i", "0", f"--query-gpu={fields}", "--format=csv,noheader,nounits", "-lms", "250"]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)


def smi_rows(path):
    """nvidia-smi stamps local time of day; the clocks are laid on each other now."""
    offset = time.time_ns() - time.monotonic_ns()
    rows = []
    for line in open(path):
        cells = [cell.strip() for cell in line.split(",")]
        try:
            stamp, fraction = cells[0].split(".")
            unix = time.mktime(time.strptime(stamp, "%Y/%m/%d %H:%M:%S")) + float("0." + fraction)
            row = {"ts": int(unix * 1e9) - offset}
            for name, cell in zip(SMI, cells[1:]):
                if re.fullmatch(r"[\d.]+", cell):
                    row[name] = float(cell) * SCALE.get(name, 1)
            rows.append(row)
        except (ValueError, IndexError):
            continue
    return rows


def tool(arguments, **more):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=90, **more)
    if done.returncode != 0:
        print("failed:", " ".join(arguments), done.returncode, done.stderr[-800:])
        FAILED.append(arguments[1])
    return done


def table(hourglass, session, query):
    return list(csv.DictReader(io.StringIO(tool([hourglass, "sql", session, query, "--csv"]).stdout)))


def inside(rows, phase, name):
    """Values well inside a phase: the driver itself averages power over a second."""
    return [
        row[name] for row in rows if name in row and phase["begin"] + 1.5e9 <= row["ts"] <= phase["end"] - 0.2e9
    ]


def mean(values):
    return sum(values) / len(values) if values else None


def show(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def judge(what, phase, ours, references):
    known = [reference for reference in references if reference is not None]
    share, least = ALLOWED[what]
    if ours is None:
        verdict = "MISSING" if known else "not told by the driver"
    elif not known:
        verdict = "no reference"
    else:
        far = min(abs(ours - reference) for reference in known)
        verdict = "ok" if far <= max(least, share * max(map(abs, known))) else "DIFFERS"
    if verdict in ("DIFFERS", "MISSING"):
        FAILED.append(f"{what} {phase}")
    print(f"{what:14} {phase:7} {show(ours):>16} {show(references[0]):>16} {show(references[1]):>16}  {verdict}")


def compare(ours, binding, smi, phases):
    print(f"{'figure':14} {'phase':7} {'hourglass':>16} {'pynvml':>16} {'nvidia-smi':>16}")
    for phase in phases:
        for name in ALLOWED:
            if name == "throttled":
                held = [[float(int(v) & 238 != 0) for v in inside(rows, phase, "throttle")] for rows in (ours, binding)]
                judge(name, phase["phase"], mean(held[0]), [mean(held[1]), None])
            else:
                judge(
                    name,
                    phase["phase"],
                    mean(inside(ours, phase, name)),
                    [mean(inside(binding, phase, name)), mean(inside(smi, phase, name))],
                )
        seconds = (phase["end"] - phase["begin"]) / 1e9
        if phase.get("bytes"):
            rate = phase["bytes"] / seconds
            seen = mean(inside(ours, phase, "pcie_rx"))
            if seen is not None:
                good = abs(seen - rate) <= 0.1 * rate
                print(f"payload over PCIe {rate:,.0f} B/s, seen {seen:,.0f}: {'ok' if good else 'DIFFERS'}")
                FAILED.extend([] if good else ["payload"])
        if phase.get("flop"):
            print(f"matmul reached {phase['flop'] / seconds / 1e12:.0f} TFLOP/s")


def same_fact(ours, theirs):
    yes = {"Enabled": "on", "Disabled": "off"}
    if ours is None or ours.startswith("not measured"):
        return theirs in ("[N/A]", "N/A", "[Not Supported]", "")
    if theirs in yes:
        return ours == yes[theirs]
    try:
        a, b = float(ours), float(theirs)
        return abs(a - b) <= 0.01 * max(abs(a), abs(b)) or abs(a / MIB - b) <= 1
    except ValueError:
        return ours.lower() == theirs.lower()


def facts(hourglass, session):
    known = {row["name"]: row["value"] for row in table(hourglass, session, "SELECT name, value FROM metadata")}
    answer = tool(
        ["nvidia-smi", "-i", "0", "--query-gpu=" + ",".join(FACTS.values()), "--format=csv,noheader,nounits"]
    ).stdout.strip()
    cells = [cell.strip() for cell in answer.split(",")]
    for (ours, field), cell in zip(FACTS.items(), cells):
        good = same_fact(known.get(ours), cell)
        FAILED.extend([] if good else [ours])
        print(f"{ours:28} {str(known.get(ours)):>44}  {cell:>40}  {'ok' if good else 'DIFFERS'}")
    for name in sorted(known):
        if name.startswith(("gpu.", "sampler.")) and name not in FACTS:
            print(f"{name:36} {known[name]}")


def paces(hourglass, session):
    rows = table(
        hourglass,
        session,
        "SELECT metric, count(*) AS n, (max(ts) - min(ts)) / 1e9 AS s, min(dur) / 1e6 AS least, max(dur) / 1e6 AS most"
        " FROM hw_sample WHERE device = 'gpu:0' AND metric IN ('power', 'sm_active') GROUP BY metric ORDER BY metric",
    )
    for row in rows:
        rate = (float(row["n"]) - 1) / float(row["s"])
        good = rate >= 10 if row["metric"] == "power" else float(row["least"]) > 100 and 7 <= rate < 10
        FAILED.extend([] if good else ["pace " + row["metric"]])
        window = f", windows of {row['least']} to {row['most']} ms" if row["least"] else ""
        print(f"pace {row['metric']:10} {rate:6.2f} Hz{window}  {'ok' if good else 'DIFFERS'}")


def beside_a_run(args, out):
    """`run` with its own figures served, and whose memory it is."""
    session = os.path.join(args.work, "run")
    command = [args.hourglass, "run", "-o", session, "--metrics-port", "0", "--", sys.executable, __file__]
    marks = os.path.join(args.work, "run-phases")
    process = subprocess.Popen(command + ["--load", marks, "--scale", "0.35"], stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"metrics at (http://\S+)", line)
        if found:
            threading.Thread(target=follow, args=(found.group(1), out), daemon=True).start()
    code = process.wait(timeout=90)
    served = out[-1] if out else ""
    good = code == 0 and "hourglass_gpu_sample{" in served
    FAILED.extend([] if good else ["run"])
    print(f"run ended with {code}; served {len(served)} bytes of figures: {'ok' if good else 'DIFFERS'}")
    print("".join(line for line in said if code != 0 or "sampling the machine" in line), end="")
    for row in table(
        args.hourglass,
        session,
        "SELECT metric, max(value) AS most FROM hw_sample WHERE metric LIKE 'mem_used%' GROUP BY metric ORDER BY metric",
    ):
        print(f"{row['metric']:20} {row['most']} B at most")
    return served


def follow(address, out):
    """Asks twice a second for as long as somebody answers."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                out.append(answer.read().decode())
        except OSError:
            return
        time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hourglass")
    parser.add_argument("--work")
    parser.add_argument("--out")
    parser.add_argument("--load")
    parser.add_argument("--scale", type=float, default=1)
    args = parser.parse_args()
    if args.load:
        load(args.load, args.scale)
        return
    print(tool([args.hourglass, "--version"]).stdout.strip())
    doctor = tool([args.hourglass, "doctor"]).stdout
    print("\n".join(re.findall(r"^\S+ +(?:NVIDIA driver|GPU) .*(?:\n {10,}.*)*", doctor, re.M)))
    session = os.path.join(args.work, "watch")
    marks, smi_file = os.path.join(args.work, "phases"), os.path.join(args.work, "smi")
    watch = subprocess.Popen(
        [args.hourglass, "gpu-watch", "--duration", "75", "-o", session],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    binding, smi = Binding(), smi_loop(smi_file)
    binding.start()
    subprocess.run([sys.executable, __file__, "--load", marks], check=True, timeout=80)
    time.sleep(0.5)
    watch.send_signal(signal.SIGINT)
    report = watch.communicate(timeout=60)[0]
    smi.terminate()
    binding.stopped.set()
    print("\n".join(line for line in report.splitlines() if "sampling the machine" in line or "hourglass:" in line))
    if watch.returncode != 0:
        print(report)
        sys.exit(1)
    phases = [json.loads(line) for line in open(marks)]
    samples = table(
        args.hourglass, session, "SELECT ts, dur, device, metric, value, unit FROM hw_sample ORDER BY ts, device, metric"
    )
    ours = [{"ts": int(row["ts"]), row["metric"]: float(row["value"])} for row in samples if row["device"] == "gpu:0"]
    smi_samples = smi_rows(smi_file)
    if binding.why:
        print("pynvml:", binding.why)
    print(f"{len(samples)} samples, {len(binding.rows)} of pynvml, {len(smi_samples)} of nvidia-smi\n")
    compare(ours, binding.rows, smi_samples, phases)
    print()
    paces(args.hourglass, session)
    print()
    facts(args.hourglass, session)
    print()
    served = beside_a_run(args, [])
    with gzip.open(os.path.join(args.out, "hw_sample.csv.gz"), "wt") as file:
        writer = csv.DictWriter(file, ["ts", "dur", "device", "metric", "value", "unit"])
        writer.writeheader()
        writer.writerows(samples)
    with open(os.path.join(args.out, "reference.json"), "w") as file:
        json.dump({"phases": phases, "pynvml": binding.rows, "nvidia_smi": smi_samples}, file)
    with open(os.path.join(args.out, "metrics.prom"), "w") as file:
        file.write(served)
    print(f"\n{'all figures agree' if not FAILED else 'differ: ' + ', '.join(FAILED)}")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
