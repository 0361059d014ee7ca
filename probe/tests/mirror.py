"""Writes what a release of vLLM looks like from the hooks: `python3 probe/tests/mirror.py WHEEL_OR_SITE_PACKAGES OUT.json`.

For every module that a hook names: its functions, its classes with their bases and methods, each with its parameters, and
the names that it imports. The tests build a package with these symbols and nothing behind them, and set the hooks there.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src"))


def hooked_symbols() -> list[str]:
    """Every symbol of the table of hooks, `module:qualname`."""
    from hourglass_probe import assembly
    from hourglass_probe.importing import Finder

    with tempfile.TemporaryDirectory() as directory:
        os.environ["HOURGLASS_DIR"] = directory
        probe = assembly.assemble(Finder(lambda where, error: None))
        assert probe
        return [symbol for hook in probe.hooks for symbol in hook.symbols]


class Release:
    """The Python sources of a release: of a wheel, or of a directory of installed packages."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._wheel = zipfile.ZipFile(path) if os.path.isfile(path) else None

    def source(self, module: str) -> str | None:
        """The source of a module; None where there is none."""
        for name in (module.replace(".", "/") + ".py", module.replace(".", "/") + "/__init__.py"):
            if self._wheel and name in self._wheel.NameToInfo:
                return self._wheel.read(name).decode()
            if not self._wheel and os.path.isfile(os.path.join(self._path, name)):
                with open(os.path.join(self._path, name), encoding="utf-8") as file:
                    return file.read()
        return None

    def version(self) -> str:
        """The release, from the name of its metadata."""
        names = self._wheel.namelist() if self._wheel else [name + "/" for name in os.listdir(self._path)]
        return next(found.group(1) for name in names if (found := re.match(r"vllm(?:_cpu)?-([\d.]+)[^/]*\.dist-info/", name)))


def _parameters(node: Any) -> str:
    """The parameters as source, every default being None."""
    arguments = node.args
    names = [each.arg for each in arguments.posonlyargs + arguments.args]
    plain = len(names) - len(arguments.defaults)
    parts = names[:plain] + [name + "=None" for name in names[plain:]]
    if arguments.vararg:
        parts.append("*" + arguments.vararg.arg)
    elif arguments.kwonlyargs:
        parts.append("*")
    parts += [each.arg + ("=None" if default else "") for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    return ", ".join(parts + (["**" + arguments.kwarg.arg] if arguments.kwarg else []))


def _flags(node: Any) -> str:
    """async, static or class, as the decorators and the definition say."""
    decorators = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
    words = ["async"] * isinstance(node, ast.AsyncFunctionDef) + [word for word in ("staticmethod", "classmethod", "property") if word in decorators]
    return " ".join(words)


def _statements(tree: ast.Module) -> Iterator[Any]:
    """The statements of a module, those of its conditions and attempts with them."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting += getattr(node, "body", []) if isinstance(node, (ast.If, ast.Try)) else []


def describe(source: str) -> dict[str, Any]:
    """Functions, classes and imported names of a module."""
    functions: dict[str, list[str]] = {}
    classes: dict[str, Any] = {}
    imported: set[str] = set()
    for node in _statements(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions[node.name] = [_parameters(node), _flags(node)]
        elif isinstance(node, ast.ClassDef):
            methods = {each.name: [_parameters(each), _flags(each)] for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
            classes[node.name] = {"bases": [each.id for each in node.bases if isinstance(each, ast.Name)], "methods": methods}
        elif isinstance(node, ast.ImportFrom):
            imported.update(each.asname or each.name for each in node.names)
    return {"functions": functions, "classes": classes, "imported": sorted(imported)}


def _only_hooked(description: dict[str, Any], qualnames: set[str]) -> dict[str, Any]:
    """Leaves what a hook names: functions, imported functions, and classes with the methods that are hooked."""
    heads = {name.split(".")[0] for name in qualnames}
    classes = {}
    for name, each in description["classes"].items():
        if name in heads:
            wanted = {qualname.split(".")[1] for qualname in qualnames if qualname.startswith(name + ".")}
            classes[name] = {"bases": each["bases"], "methods": {k: v for k, v in each["methods"].items() if k in wanted}}
    functions = {name: each for name, each in description["functions"].items() if name in heads}
    return {"functions": functions, "classes": classes, "imported": [name for name in description["imported"] if name in heads]}


def mirror(path: str) -> dict[str, Any]:
    """What a release looks like from the hooks."""
    release, wanted = Release(path), {}
    for symbol in hooked_symbols():
        module, qualname = symbol.split(":")
        if module.startswith("vllm"):
            wanted.setdefault(module, set()).add(qualname)
    modules = {}
    for module, qualnames in sorted(wanted.items()):
        source = release.source(module)
        if source is not None:
            modules[module] = _only_hooked(describe(source), qualnames)
    return {"engine": "vllm", "version": release.version(), "modules": modules}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} WHEEL_OR_SITE_PACKAGES OUT.json")
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump(mirror(sys.argv[1]), out, indent=1, sort_keys=True)
        out.write("\n")
