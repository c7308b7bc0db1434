#!/usr/bin/env python3
"""Time to first token over HTTP by where the prompt's KV is found: computed, memory, disk, remote.

    python3 bench/peers/kv_tiers.py smollm2-135m
    python3 bench/peers/kv_tiers.py smollm2-135m --remote

Starts `krafla serve` with a cache on disk of its own, asks prompts of about 600 tokens one after
another on a connection each (streamed, greedy), and starts it anew, once in order and once after
kill -9:

    uncached       every prompt for the first time
    cached 90 %    prompts whose first nine tenths were asked before
    memory         the same prompts again
    disk           the same prompts again, each for the first time since the start of the worker
    disk, killed   the same after kill -9

With --remote there is no disk, but a valkey-server or redis-server of the machine's, and instead of the
last two rows

    remote         the same prompts again, of a second worker that has computed none of them

Every answer to a repeated prompt must equal the first one. Prints a table, with --json an object.
"""

import argparse
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import http_load
import http_rounds
import machine
from engines import ROOT, find_model
from http_load import Answer, milliseconds
from rounds import progress

SETTLE_SECONDS = 3  # what was queued for the disk is written by then
METRICS = (
    "krafla_prefill_tokens_per_second", "krafla_kv_tier_bytes_per_second",
    "krafla_kv_tier_latency_seconds", "krafla_kv_tier_hits_total", "krafla_kv_writes_dropped_total",
    "krafla_kv_tier_read_bytes_total", "krafla_kv_tier_read_seconds_total",
    "krafla_prompts_repeated_total", "krafla_kv_tier_passed_over_total",
)


class SharedServer:
    """A Redis or Valkey server that keeps nothing on disk."""

    def __init__(self) -> None:
        program = shutil.which("valkey-server") or shutil.which("redis-server")
        if program is None:
            raise SystemExit("no valkey-server or redis-server; install one of them")
        self.port = http_rounds.free_port()
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Worker:
    """One life of the server; `krafla` becomes the JVM, so a signal reaches it."""

    def __init__(self, model: Path, store: list[str], options: argparse.Namespace) -> None:
        self.log = tempfile.TemporaryFile()
        port = http_rounds.free_port()
        self.base = f"http://127.0.0.1:{port}/v1"
        self.process = subprocess.Popen(
            [str(ROOT / "krafla"), "serve", str(model), "--id", "peer", "--port", str(port),
             "--threads", str(options.threads), *store],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
        )
        started = time.monotonic()
        http_rounds.await_health(self.process, port, self.log)
        self.start_seconds = time.monotonic() - started

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(60)

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(self.base.removesuffix("/v1") + "/metrics", timeout=5) as page:
            lines = page.read().decode().splitlines()
        found = (line.rsplit(" ", 1) for line in lines if line.startswith(METRICS))
        return {name.split("{")[0]: float(value) for name, value in found}


def prompts(options: argparse.Namespace, beginning: str = "") -> list[list[dict]]:
    rng = random.Random(options.seed + len(beginning))
    own = options.words - len(beginning.split())
    return [
        [{"role": "user", "content": f"{beginning} {http_load.words(rng, own)}".strip()}]
        for _ in range(options.requests)
    ]


def ask_all(base: str, asked: list[list[dict]], tokens: int) -> list[Answer]:
    answers = []
    for messages in asked:
        answers.append(http_load.ask(base, "peer", messages, tokens))
        if answers[-1].error:
            raise SystemExit(answers[-1].error)
    return answers


def row(name: str, answers: list[Answer]) -> dict:
    first = [answer.arrivals[0] - answer.started for answer in answers]
    usages = [answer.usage for answer in answers]
    cached = [(u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0 for u in usages]
    return {
        "case": name,
        "requests": len(answers),
        "prompt_tokens": sum(u["prompt_tokens"] for u in usages) / len(usages),
        "cached_tokens": sum(cached) / len(cached),
        "first_ms": first[0] * 1000,
        "ttft_ms_p50": milliseconds(first, 50),
        "ttft_ms_p99": milliseconds(first, 99),
        "ttft_ms_max": max(first) * 1000,
    }


def require_same(name: str, answers: list[Answer], expected: list[Answer]) -> None:
    for i, (a, b) in enumerate(zip(answers, expected, strict=True)):
        if a.text != b.text:
            raise SystemExit(f"{name}: answer {i} is {a.text!r}, not {b.text!r}")


def measure(
    model: Path, store: list[str], lives: list[tuple], options: argparse.Namespace
) -> dict:
    rows, starts, tiers = [], [], []
    asked = prompts(options)
    rng = random.Random(options.seed)
    beginning = http_load.words(rng, options.words * 95 // 100)
    worker = Worker(model, store, options)
    try:
        progress("warming up")
        warm = prompts(argparse.Namespace(**{**vars(options), "seed": options.seed + 999}))
        for _ in range(3):
            ask_all(worker.base, warm[:8], options.max_tokens)
        progress("uncached")
        expected = ask_all(worker.base, asked, options.max_tokens)
        rows.append(row("uncached", expected))
        progress("cached 90 %")
        ninety = prompts(options, beginning)
        ask_all(worker.base, ninety[:1], options.max_tokens)
        rows.append(row("cached 90 %", ask_all(worker.base, ninety[1:], options.max_tokens)))
        progress("memory")
        answers = ask_all(worker.base, asked, options.max_tokens)
        require_same("memory", answers, expected)
        rows.append(row("memory", answers))
        time.sleep(SETTLE_SECONDS)
        for how, name in lives:
            progress(name)
            worker.end(how)
            worker = Worker(model, store, options)
            starts.append(worker.start_seconds)
            answers = ask_all(worker.base, asked, options.max_tokens)
            require_same(name, answers, expected)
            rows.append(row(name, answers))
            tiers.append(worker.metrics())
    finally:
        worker.end(signal.SIGTERM)
        progress("")
    return {"rows": rows, "restart_seconds": starts, "metrics_after_restart": tiers}


def command_line() -> str:
    return shlex.join(["python3", "bench/peers/kv_tiers.py", *sys.argv[1:]])


def as_markdown(facts: dict[str, str], result: dict) -> str:
    lines = [f"- {name}: {text}" for name, text in facts.items()]
    lines += ["", "```", command_line(), "```", ""]
    lines.append("| case | requests | prompt | cached | first ms | TTFT p50 ms | p99 ms | max ms |")
    lines.append("|---|---|---|---|---|---|---|---|")
    for r in result["rows"]:
        times = " | ".join(
            f"{r[k]:.1f}" for k in ("first_ms", "ttft_ms_p50", "ttft_ms_p99", "ttft_ms_max")
        )
        lines.append(
            f"| {r['case']} | {r['requests']} | {r['prompt_tokens']:.0f} |"
            f" {r['cached_tokens']:.0f} | {times} |"
        )
    for metrics in result["metrics_after_restart"]:
        lines += ["", *(f"- {name} {value:g}" for name, value in metrics.items())]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", metavar="MODEL", help="name or path of a model that is here")
    parser.add_argument("--requests", type=int, default=40, help="per case; default: %(default)s")
    parser.add_argument("--words", type=int, default=565, help="in a prompt, some 1.05 tokens each")
    parser.add_argument("--max-tokens", type=int, default=16, help="of an answer")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--remote", action="store_true", help="a shared server in place of a disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    facts = machine.describe()
    model = find_model(options.model).path
    if options.remote:
        server = SharedServer()
        try:
            store = ["--kv-disk", "0", "--kv-remote", f"redis://127.0.0.1:{server.port}"]
            result = measure(model, store, [(signal.SIGTERM, "remote")], options)
        finally:
            server.end()
    else:
        folder = tempfile.mkdtemp(prefix="krafla-kv-")
        try:
            store = ["--kv-disk", "8GiB", "--kv-disk-dir", f"{folder}/kv"]
            lives = [(signal.SIGTERM, "disk"), (signal.SIGKILL, "disk, killed")]
            result = measure(model, store, lives, options)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps({"machine": facts, "command": command_line(), **result}, indent=2))
    else:
        print(as_markdown(facts, result))


if __name__ == "__main__":
    sys.exit(main())
