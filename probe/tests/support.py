"""What the tests share: interpreters with the probe in them, packages made from mirrors, and records that were read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.realpath(os.path.join(HERE, "..", "src"))
GOLDEN = os.path.realpath(os.path.join(HERE, "..", "..", "core", "src", "test", "resources", "probe", "golden"))
ENGINE = os.path.join(HERE, "tiny_engine")
sys.path.insert(0, SOURCES)

from hourglass_probe import dump  # noqa: E402
from hourglass_probe.layout import Layout, load  # noqa: E402

Record = dict[str, Any]
LAYOUT: Layout = load()


class Case(unittest.TestCase):
    """A test with a directory of its own that is removed afterwards."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="hourglass-probe-")
        self.addCleanup(holder.cleanup)
        self.directory = os.path.join(holder.name, "run")
        self.scratch = holder.name
        os.mkdir(self.directory)

    def python(self, code: str, *path: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs code in a new interpreter with the probe and further directories on its path."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOURGLASS_", "VLLM_", "PYTHON"))}
        variables = {**kept, "PYTHONPATH": os.pathsep.join((SOURCES, *path)), "HOURGLASS_DIR": self.directory, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=300)
        if check:
            self.assertEqual(0, done.returncode, done.stderr)
        return done

    def processes(self) -> list[list[Record]]:
        """The records of each process of the run."""
        return [list(dump.read_process(LAYOUT, paths)) for paths in dump.segments(self.directory).values()]

    def records(self, kind: str) -> list[Record]:
        """The records of one type, of all processes."""
        return [record for process in self.processes() for record in process if record["type"] == kind]

    def capabilities(self) -> dict[str, Record]:
        """The last state of each hook, of all processes together; one that fired has the last word."""
        last: dict[str, Record] = {}
        for record in self.records("capability"):
            if record["hook"] not in last or record["fires"] >= last[record["hook"]]["fires"]:
                last[record["hook"]] = record
        return last

    def write(self, name: str, text: str) -> str:
        """Writes a file below the scratch directory and says where."""
        path = os.path.join(self.scratch, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def package_of(self, mirror: str) -> str:
        """Makes the package of a mirror and returns the directory to put on the path."""
        with open(os.path.join(HERE, "mirrors", mirror), encoding="utf-8") as file:
            described = json.load(file)
        root = os.path.join(self.scratch, "site")
        for module, content in described["modules"].items():
            parts = module.split(".")
            for depth in range(1, len(parts)):
                self._touch(os.path.join(root, *parts[:depth], "__init__.py"))
            is_package = any(other.startswith(module + ".") for other in described["modules"])
            name = os.path.join(*parts, "__init__.py") if is_package else os.path.join(*parts) + ".py"
            self.write(os.path.join("site", name), source_of(content))
        with open(os.path.join(root, described["engine"], "__init__.py"), "a", encoding="utf-8") as file:
            file.write(f"\n__version__ = {described['version']!r}\n")
        return root

    def _touch(self, path: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8"):
            pass


def source_of(content: Record) -> str:
    """The source of a module with the symbols of a mirror and nothing behind them."""
    lines = [f"def {name}(*a, **k): return None" for name in content["imported"]]
    lines += [_function("", name, *each) for name, each in content["functions"].items()]
    for name, described in sorted(content["classes"].items(), key=lambda each: len([b for b in each[1]["bases"] if b in content["classes"]])):
        bases = [base for base in described["bases"] if base in content["classes"]]
        lines.append(f"class {name}({', '.join(bases)}):")
        lines += [_function("    ", method, *each) for method, each in described["methods"].items()] or ["    pass"]
    return "\n".join(lines) + "\n"


def _function(indent: str, name: str, parameters: str, flags: str) -> str:
    words = flags.split()
    decorators = "".join(f"{indent}@{word}\n" for word in words if word != "async")
    return f"{decorators}{indent}{'async ' if 'async' in words else ''}def {name}({parameters}): return None"
