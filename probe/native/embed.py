"""Compiles activity_buffers.c for this machine and writes its code into src/hourglass_probe/native_code.py."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "activity_buffers.c")
TARGET = os.path.join(HERE, "..", "src", "hourglass_probe", "native_code.py")
FUNCTIONS = ("requested", "completed", "walk")
FLAGS = ("-O2", "-fPIC", "-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fcf-protection=none", "-fno-jump-tables")


def compiled(compiler: str = "cc") -> tuple[bytes, dict[str, int]]:
    """The code and where in it each function begins. Raises CalledProcessError or OSError without a C compiler."""
    with tempfile.TemporaryDirectory() as scratch:
        made, raw = os.path.join(scratch, "code.o"), os.path.join(scratch, "code.bin")
        subprocess.run([compiler, *FLAGS, "-c", SOURCE, "-o", made], check=True)
        relocations = subprocess.run(["objdump", "-r", made], check=True, capture_output=True, text=True).stdout
        assert "R_" not in relocations, relocations
        subprocess.run(["objcopy", "-O", "binary", "-j", ".text", made, raw], check=True)
        symbols = subprocess.run(["nm", made], check=True, capture_output=True, text=True).stdout
        with open(raw, "rb") as file:
            code = file.read()
    places = {name: int(address, 16) for address, kind, name in (line.split() for line in symbols.splitlines()) if kind == "T"}
    return code, {name: places[name] for name in FUNCTIONS}


def main() -> None:
    assert platform.machine() == "x86_64", "the order of stores that the code counts on is that of x86-64"
    code, places = compiled()
    text = code.hex()
    lines = [f'    "{text[at : at + 120]}"' for at in range(0, len(text), 120)]
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write('"""Written by probe/native/embed.py from activity_buffers.c: machine code for x86-64."""\n\n')
        file.write(f"PLACES = {places!r}\n".replace("'", '"'))
        file.write("CODE = bytes.fromhex(\n" + "\n".join(lines) + "\n)\n")
    print(len(code), "bytes", places)


if __name__ == "__main__":
    main()
