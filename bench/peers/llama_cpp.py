#!/usr/bin/env python3
"""Compares Krafla with llama.cpp on this machine: the same file, the same threads, in turn.

    python3 bench/peers/llama_cpp.py build
    python3 bench/peers/llama_cpp.py run smollm2-135m gemma3-270m --threads 2
    python3 bench/peers/llama_cpp.py run shape:qwen2-1.5b:Q4_0 shape:qwen2-1.5b:Q4_K_M --json
    python3 bench/peers/llama_cpp.py serve smollm2-135m --users 16

build fetches llama.cpp's source (with the PyPI package llama-cpp-python) and compiles it for this
machine; a build that exists already is named with --bin or KRAFLA_LLAMA_BIN. run measures the
engines, serve their HTTP servers under load. MODEL is a GGUF file, a short name of `./krafla
models`, or shape:SHAPE:TYPE, random weights in a real model's shape (tools/make_shaped_gguf.py).

Results go to stdout, all else to stderr. Nothing is asserted. What each test means on both sides:
docs/PERFORMANCE.md. Needs Python 3.11; nothing but its standard library.
"""

import argparse
import os
import sys
from pathlib import Path

import http_rounds
import llama_build
import machine
import report
from engines import Krafla, LlamaCpp, Test, find_model
from rounds import compare

DEFAULT_MODELS = ["smollm2-135m", "gemma3-270m", "shape:qwen2-1.5b:Q4_0", "shape:qwen2-1.5b:Q4_K_M"]


def run(options: argparse.Namespace) -> None:
    tests = [Test(name) for name in options.tests.split(",")]
    models = [find_model(name) for name in options.models or DEFAULT_MODELS]
    ours = Krafla(options.threads, options.repetitions)
    theirs = LlamaCpp(options.threads, options.repetitions, bin=options.bin.resolve())
    facts = machine.describe()
    results = []
    for model in models:
        for test in tests:
            results.append(compare(ours, theirs, model, test, options.rounds))
            print(report.row(results[-1]), file=sys.stderr, flush=True)
    facts["Krafla"] = ", ".join(f"{name} {text}" for name, text in ours.about.items())
    facts["llama.cpp"] = ", ".join(f"{name} {text}" for name, text in theirs.about.items())
    commands = {ours.name: ours.commands, theirs.name: theirs.commands}
    form = report.as_json if options.json else report.as_markdown
    print(form(facts, report.command_line(), commands, results))


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True)

    build = commands.add_parser("build", help="fetch and compile llama.cpp")
    build.add_argument("--jobs", type=int, default=os.cpu_count(), help="default: every core")
    build.set_defaults(run=lambda options: print(llama_build.build(options.jobs)))

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--bin", type=Path, default=llama_build.default_bin(),
                        help="folder with llama.cpp's programs; default: %(default)s")
    common.add_argument("--threads", type=int, default=os.cpu_count(), help="default: every core")
    common.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    common.add_argument("--json", action="store_true", help="print JSON instead of Markdown")

    bench = commands.add_parser("run", parents=[common], help="compare the engines")
    bench.add_argument("models", nargs="*", metavar="MODEL",
                       help="default: " + " ".join(DEFAULT_MODELS))
    bench.add_argument("--tests", default="pp512,tg128,batch8,batch32", help="default: %(default)s")
    bench.add_argument("--repetitions", type=int, default=3,
                       help="runs of a test in one round, after warming up; default: %(default)s")
    bench.set_defaults(run=run)

    http_rounds.add_command(commands, common)
    return top


def main() -> None:
    options = parser().parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
