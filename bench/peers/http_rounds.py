"""Loads both HTTP servers in turn, A B A B: `llama_cpp.py serve`."""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import http_load
import machine
import report
from engines import ROOT, Model, find_model
from rounds import progress

START_SECONDS = 300  # a first start packs the weights
CONTEXT = 2048  # tokens of one user's conversation, at most

COLUMNS = {
    "tokens_per_second": "tokens/s",
    "ttft_ms_p50": "TTFT p50 ms",
    "ttft_ms_p99": "TTFT p99 ms",
    "gap_ms_p50": "gap p50 ms",
    "gap_ms_p99": "gap p99 ms",
    "prompt_tokens_per_request": "prompt tokens",
    "cached_tokens_per_request": "of them cached",
}


def add_command(commands, common: argparse.ArgumentParser) -> None:
    serve = commands.add_parser("serve", parents=[common], help="compare the servers under load")
    serve.add_argument("models", nargs="+", metavar="MODEL")
    http_load.add_load_options(serve)
    serve.set_defaults(run=serve_rounds)


def serve_rounds(options: argparse.Namespace) -> None:
    facts = machine.describe()
    results = []
    for model in map(find_model, options.models):
        settings = best_settings(model, options)
        ours, theirs = [], []
        for i in range(1, options.rounds + 1):
            load = http_load.load_of(options, options.seed + i)
            progress(f"{model.name}: round {i} of {options.rounds}, Krafla")
            ours.append(loaded(krafla(model, options), load))
            progress(f"{model.name}: round {i} of {options.rounds}, llama.cpp")
            theirs.append(loaded(llama_server(model, options, settings), load))
        progress("")
        results.append({
            "model": model.name, "users": options.users, "llama_server": settings,
            "krafla": ours, "llama_cpp": theirs,
        })
    print((as_json if options.json else as_markdown)(facts, results))


# ---- servers --------------------------------------------------------------------------------


def krafla(model: Model, options: argparse.Namespace) -> list[str]:
    return [str(ROOT / "krafla"), "serve", str(model.path), "--id", "peer",
            "--threads", str(options.threads), "--max-context", str(CONTEXT),
            "--kv-disk", "0"]  # or a second run would find the prompts of the first


def llama_server(model: Model, options: argparse.Namespace, settings: list[str]) -> list[str]:
    threads = str(options.threads)
    return [str(options.bin.resolve() / "llama-server"), "-m", str(model.path), "--alias", "peer",
            "-t", threads, "-tb", threads, "--no-context-shift", *settings]


def best_settings(model: Model, options: argparse.Namespace) -> list[str]:
    """llama-server's number of slots and flash attention: each is tried under a shorter load, and
    what gives most tokens per second is used."""
    tried = {}
    for slots in dict.fromkeys((1, options.users)):
        for attention in ("on", "off"):
            settings = ["-np", str(slots), "-c", str(slots * CONTEXT), "-fa", attention]
            progress(f"{model.name}: trying llama-server {' '.join(settings)}")
            load = http_load.load_of(options, options.seed + 1000)
            result = loaded(llama_server(model, options, settings), load)
            tried[tuple(settings)] = result["tokens_per_second"]
            print(f"llama-server {' '.join(settings)}: {result['tokens_per_second']:.1f} tokens/s",
                  file=sys.stderr)
    return list(max(tried, key=lambda settings: tried[settings]))


def loaded(command: list[str], load: http_load.Load) -> dict:
    """The figures of a fresh server under load, after a few requests with other prompts."""
    with server(command) as base:
        warm = http_load.Load(min(4, load.users), 8, 100, 10, 32, seed=-load.seed)
        http_load.run(base, "peer", warm)
        result = http_load.run(base, "peer", load)
    if result["errors"]:
        print(f"{command[0]}: {result['errors']} errors, the first: {result['first_error']}",
              file=sys.stderr)
    return result


@contextmanager
def server(command: list[str]):
    """Starts a server on a free port, gives its base URL, stops it."""
    port = free_port()
    library = {"LD_LIBRARY_PATH": str(Path(command[0]).parent)} if "llama" in command[0] else {}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            env={**os.environ, **library},
        )
        try:
            await_health(process, port, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_health(process: subprocess.Popen, port: int, log) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    log.seek(0)
    tail = log.read()[-2000:].decode(errors="replace")
    raise SystemExit(f"the server did not start within {START_SECONDS} s:\n{tail}")


# ---- report ---------------------------------------------------------------------------------


def as_json(facts: dict[str, str], results: list[dict]) -> str:
    report_ = {"machine": facts, "command": report.command_line(), "results": results}
    return json.dumps(report_, indent=2)


def as_markdown(facts: dict[str, str], results: list[dict]) -> str:
    lines = [f"- {name}: {text}" for name, text in facts.items()]
    lines += ["", "```", report.command_line(), "```", ""]
    lines.append("| model | users | server | " + " | ".join(COLUMNS.values()) + " | errors |")
    lines.append("|---|---|---|" + "---|" * (len(COLUMNS) + 1))
    for result in results:
        peer = "llama-server " + " ".join(result["llama_server"])
        lines.append(row(result, "krafla serve", result["krafla"]))
        lines.append(row(result, peer, result["llama_cpp"]))
    lines.append("")
    for result in results:
        ratios = sorted(
            a["tokens_per_second"] / b["tokens_per_second"]
            for a, b in zip(result["krafla"], result["llama_cpp"], strict=True)
            if not a["errors"] and not b["errors"]
        )
        if not ratios:
            lines.append(f"{result['model']}: no round without errors, so no ratio")
            continue
        lines.append(
            f"{result['model']}, tokens per second, Krafla ÷ llama.cpp: "
            f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} – {ratios[-1]:.2f})"
        )
    return "\n".join(lines)


def row(result: dict, server_name: str, rounds: list[dict]) -> str:
    cells = [result["model"], str(result["users"]), server_name]
    for column in COLUMNS:
        values = [figures[column] for figures in rounds if figures[column] is not None]
        cells.append(f"{statistics.median(values):.1f}" if values else "–")
    cells.append(str(sum(figures["errors"] for figures in rounds)))
    return "| " + " | ".join(cells) + " |"
