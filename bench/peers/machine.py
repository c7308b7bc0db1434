"""What a reader has to know of the machine and the programs to judge a figure."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from engines import ROOT
from llama_build import cpu_flags

# Those that decide which kernels an engine can use.
FLAGS = (
    "avx2 fma f16c avx512f avx512bw avx512_vnni avx512_bf16 avx512_fp16 avx_vnni amx_tile amx_int8"
    " amx_bf16 asimd asimdhp asimddp i8mm bf16 sve"
).split()

QUIET_LOAD = 0.5


def describe() -> dict[str, str]:
    facts = {"CPU": f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores usable"}
    present = [flag for flag in FLAGS if flag in cpu_flags()]
    facts["CPU flags"] = " ".join(present)
    facts |= {name: text for name, text in doctor().items() if name in ("Memory", "JDK")}
    facts["Compiler"] = first_line([os.environ.get("CC", "cc"), "--version"])
    facts["System"] = f"{platform.system()} {platform.release()}"
    facts["Load before"] = load_note()
    facts["Krafla commit"] = commit()
    return facts


def load_average() -> float:
    """Of the last minute, before anything is measured: what others do on the machine."""
    return os.getloadavg()[0]


def load_note() -> str:
    load = load_average()
    if load <= QUIET_LOAD:
        return f"{load:.2f}"
    note = f"{load:.2f} (the machine was not quiet: these are no results)"
    print(f"load average {note}", file=sys.stderr)
    return note


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def doctor() -> dict[str, str]:
    done = subprocess.run(
        [str(ROOT / "krafla"), "doctor", "--json"], capture_output=True, text=True
    )
    return {entry["name"]: entry["text"] for entry in json.loads(done.stdout or "[]")}


def commit() -> str:
    try:
        git = ["git", "-C", str(ROOT)]
        head = first_line([*git, "rev-parse", "--short=10", "HEAD"])
        changed = first_line([*git, "status", "--porcelain", "--untracked-files=no"])
        return head + (" with local changes" if changed else "")
    except OSError:
        return "unknown"


def first_line(arguments: list[str]) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True)
    return done.stdout.splitlines()[0] if done.stdout.strip() else ""
