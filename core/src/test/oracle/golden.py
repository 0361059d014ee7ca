"""What the oracles of the golden cases share: reads a case's tables, reads the head comment of an analysis,
writes what is expected. It knows nothing of the SQL below a head.

Numbers are integers and fractions throughout, so that nothing is rounded before it is compared.
"""

import csv
import math
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

TEST = Path(__file__).resolve().parent.parent
CASES = TEST / "resources" / "golden-analysis"
ANALYSES = TEST.parent / "main" / "resources" / "dev" / "hourglass" / "core" / "analysis"


def value(cell):
    """A cell of a CSV: None, a truth, an integer, a fraction or a text."""
    if cell == "":
        return None
    if cell in ("true", "false"):
        return cell == "true"
    try:
        number = Fraction(cell)
        return int(number) if number.denominator == 1 else number
    except ValueError:
        return cell


def cell(v):
    if v is None:
        return ""
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, float):
        return repr(v)
    if isinstance(v, Fraction) and v.denominator == 1:
        return str(v.numerator)
    return str(v)


class Head:
    """The head comment of an analysis."""

    def __init__(self, name):
        self.columns, self.needs, self.units, self.params, self.remedies = [], [], {}, {}, {}
        self.finding = self.remedy = self.gain = self.bound = None
        for line in (ANALYSES / (name + ".sql")).read_text().splitlines():
            tag = re.match(r"-- @(\w+)\s+(.*\S)", line)
            if not tag:
                continue
            kind, text = tag.groups()
            if kind == "column":
                m = re.match(r"(\w+)(?:\s+\[([^\]]+)\])?", text)
                self.columns.append(m.group(1))
                self.units[m.group(1)] = m.group(2) or ""
            elif kind == "param":
                name_, number = text.split()[:2]
                self.params[name_] = Fraction(number)
            elif kind == "remedy_if":
                case, sentence = text.split(None, 1)
                self.remedies[case] = sentence
            elif kind == "needs":
                self.needs += [table.strip() for table in text.split(",")]
            elif kind in ("finding", "remedy", "gain", "bound"):
                setattr(self, kind, text)

    def fill(self, sentence, row):
        def place(m):
            name = m.group(1)
            if name not in row:
                return significant(self.params[name]) if name in self.params else m.group(0)
            v = row[name]
            if v is None:
                return "an unknown " + name.replace("_", " ")
            return v if isinstance(v, str) else words(v, self.units.get(name, ""))

        return re.sub(r"\{(\w+)\}", place, sentence)


NAMES = {"vllm": "vLLM", "sglang": "SGLang", "llama.cpp": "llama.cpp"}


def flags():
    """The rows of remedy_flag: aim, engine, usage, since, until."""
    text = (ANALYSES.parent / "query" / "views" / "remedy_flag.sql").read_text().split("(VALUES", 1)[1]
    rows = [[c[1:-1].replace("''", "'") if c != "NULL" else None for c in re.findall(r"NULL|'(?:[^']|'')*'", line)]
            for line in text.splitlines() if line.startswith("  ('")]
    return [(r[1], r[3], r[6], r[7], r[8]) for r in rows]


def release(text):
    return [int(n) for n in text.split(".")]


def usages(aim, engine, version):
    """Those of a release; of the newest where it is not known."""
    for of, by, usage, since, until in FLAGS:
        if (of, by) == (aim, engine):
            if until is None if version is None else (not since or release(since) <= release(version)) and (not until or release(until) > release(version)):
                yield usage


def fit(text, pytorch, on, engines):
    """A remedy for a recording of the engines, each with its release or None; on holds what shows a setting on."""
    said, advised = [], False
    for aim, when, setting, part in parts(text):
        if not part or when == "if" and setting not in on or when == "unless" and setting in on:
            continue
        if not when and aim in on:
            said.append(on[aim] + ".")
            continue
        advised |= when != "if"
        used = [NAMES[e] + ": " + ", ".join(usages(aim, e, v)) for e, v in engines.items() if list(usages(aim, e, v))]
        # What stands in code is left to those whose engine has no setting for it.
        used += [u for u in [", ".join(usages(aim, "pytorch", None))] if u and pytorch and not used]
        used += [u for u in [", ".join(usages(aim, "any", None))] if u]
        end = re.search(r"[.](?= |$)", part)
        at = end.start() if end else len(part)
        said.append(part[:at] + (" (" + "; ".join(used) + ")" if used else "") + part[at:])
    if said and not advised:
        said.append("No setting that is known to help is left; what remains is work to be made smaller.")
    return " ".join(said)


def parts(text):
    """What stands in brackets before each part, and the part: aim, `if` or `unless`, setting, text."""
    found = []
    for chunk in re.split(r"(?=\[[a-z0-9_ ]*\])", text):
        inside, _, rest = chunk[1:].partition("]") if chunk.startswith("[") else ("", "", chunk)
        words_ = inside.split()
        when = next((w for w in words_ if w in ("if", "unless")), "")
        found.append((words_[0] if words_ and words_[0] != when else "", when, words_[-1] if when else "", rest.strip()))
    return found


FLAGS = flags()


def fixed(v, decimals):
    d = Decimal(repr(float(v)))
    return str(d.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def significant(v):
    """Three significant digits."""
    v = float(v)
    if v == 0:
        return "0"
    for decimals in range(9, -1, -1):
        text = fixed(v, decimals)
        digits = text.lstrip("-").replace(".", "").lstrip("0")
        if len(digits) <= 3 or decimals == 0:
            return text


def scaled(v, steps):
    for size, unit in steps[:-1]:
        if abs(v / size) < 999.5:
            return significant(v / size) + " " + unit
    size, unit = steps[-1]
    return significant(v / size) + " " + unit


def words(v, unit):
    v = float(v)
    if unit in ("ns", "µs"):
        return scaled(v * (1000 if unit == "µs" else 1), [(1, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")])
    if unit == "ratio":
        return significant(v * 100) + " %"
    if unit in ("B", "B/s", "FLOP", "FLOP/s"):
        return scaled(v, [(1000**i, p + unit) for i, p in enumerate(["", "k", "M", "G", "T", "P", "E"])])
    if unit == "MHz":
        return str(math.floor(v + 0.5)) + " MHz"
    if unit in ("count", "tokens"):
        text = f"{math.floor(v + 0.5):,}" if v == int(v) or abs(v) >= 1000 else significant(v)
        return text + ("" if unit == "count" else " token" if v == 1 else " tokens")
    if unit == "":
        return str(int(v)) if v == int(v) else significant(v)
    return significant(v) + " " + unit


SUMMED = "busy,compute,communication,hidden,copy,launch,sync,host,rest,queued,peer,recorder,compile,ops,kernels,launches".split(",")
PERIOD = "step,device,source_id,stage,ts,end_ts,period,told,judged,usual,since,wall,span,between,between_busy,between_host".split(",") + SUMMED


def periods(rows):
    """step_period for rows of step_time that somebody made up: of each stage the n-th judged span between two steps belongs to the period of its
    n-th judged step, which has all that the two have."""
    found = []
    for (stage, device, source), own in groups(rows, "belongs", "device", "source_id").items():
        gaps = [r for r in own if r["stage"] == "between" and r["judged"]]
        for r in own:
            if r["stage"] == "between":
                continue
            gap = gaps.pop(0) if r["judged"] and gaps else None
            both = [r, gap] if gap else [r]
            p = dict(step=r["step"], device=device, source_id=source, stage=stage, ts=min(x.get("ts", 0) for x in both), end_ts=max(x.get("end_ts", 0) for x in both),
                     period=sum(x["wall"] for x in both), told="next" if r["judged"] else "wall", judged=r["judged"], usual=r["judged"], since=None, wall=r["wall"],
                     span=gap["step"] if gap else None, between=gap["wall"] if gap else 0, between_busy=gap.get("busy", 0) if gap else 0,
                     between_host=gap.get("host", 0) if gap else 0)
            found.append(p | {part: sum(x.get(part, 0) for x in both) for part in SUMMED})
    return found


class Case:
    def __init__(self, name):
        self.directory = CASES / name
        # Whether PyTorch is in the recording, what shows settings on (see shown_setting), and which engines are in it.
        self.pytorch, self.on, self.engines = False, {}, {}

    def table(self, path):
        with open(self.directory / (path + ".csv"), newline="") as f:
            lines = [line for line in f if line.strip() and not line.startswith("#")]
        return [{k: value(v) for k, v in row.items()} for row in csv.DictReader(lines)]

    def write(self, path, columns, rows):
        if path == "derived/step_time":
            self.write("derived/step_period", PERIOD, periods(rows))
        file = self.directory / (path + ".csv")
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "w", newline="") as f:
            out = csv.writer(f, lineterminator="\n")
            out.writerow(columns)
            for row in rows:
                out.writerow([cell(row[c]) for c in columns])

    def tables(self, name, columns, rows):
        """What a view or a derived table must hold."""
        self.write("expected/tables/" + name, columns, rows)

    def not_applicable(self, name, *missing):
        """An analysis that the session lacks tables for."""
        file = self.directory / ("expected/" + name + ".csv")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# not applicable: " + ", ".join(missing) + "\n")

    def answer(self, name, rows, order=None, also=()):
        """What an analysis must answer, and what it must find; of a finding's parts those in also too, as they stand in its row."""
        head = Head(name)
        if order:
            rows = sorted(rows, key=order)
        self.write("expected/" + name, head.columns, rows)
        found = [r for r in rows if r.get("severity")] if head.finding else []
        file = self.directory / ("expected/" + name + ".findings.csv")
        if found:
            self.write(
                "expected/" + name + ".findings",
                ["severity", "sentence", "remedy", "gain", "method", *also],
                [
                    {part: r[part] for part in also}
                    | {
                        "severity": r["severity"],
                        "sentence": head.fill(head.finding, r),
                        "remedy": head.fill(fit(head.remedies.get(r.get("advice", r.get("bound")), head.remedy), self.pytorch, self.on, self.engines), r),
                        "gain": r.get("gain"),
                        "method": head.fill(head.gain, r),
                    }
                    for r in found
                ],
            )
        elif file.exists():
            file.unlink()


def mean(values):
    values = list(values)
    return Fraction(sum(values)) / len(values) if values else None


def percentile(values, share):
    """The quantile, None where no sample lies beyond it."""
    values = list(values)
    return quantile(values, share) if len(values) * (1 - Fraction(share)) >= 1 else None


def quantile(values, q):
    """With linear interpolation between the two values beside it."""
    values = sorted(values)
    if not values:
        return None
    at = (len(values) - 1) * Fraction(q)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def stddev(values):
    """Of a sample; 0 for one value."""
    values = list(values)
    if len(values) < 2:
        return 0
    m = mean(values)
    return math.sqrt(sum((v - m) ** 2 for v in values) / (len(values) - 1))


def ratio(a, b):
    return None if a is None or not b else Fraction(a) / Fraction(b)


def groups(rows, *columns):
    """Rows by the values of columns, in order of first appearance."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row[c] for c in columns), []).append(row)
    return found


def severity(share, limit, severe, told=Fraction(3, 100)):
    return "critical" if share >= severe else "warning" if share >= limit else "info" if share >= told else None
