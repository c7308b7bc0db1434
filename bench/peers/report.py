"""Markdown for people, JSON for machines."""

import json
import shlex
import statistics
import sys

from rounds import Comparison, summary

def as_json(facts: dict[str, str], command: str, commands: dict, results: list[Comparison]) -> str:
    report = {
        "machine": facts,
        "command": command,
        "commands": commands,
        "results": [result.as_json() for result in results],
    }
    return json.dumps(report, indent=2)


def as_markdown(
    facts: dict[str, str], command: str, commands: dict, results: list[Comparison]
) -> str:
    lines = [f"- {name}: {text}" for name, text in facts.items()]
    lines += ["", "```", command, "```", ""]
    lines += [
        "Tokens per second: median of the rounds' medians (least – greatest single run). Ratio: median"
        " of the rounds' ratios, Krafla ÷ llama.cpp (least – greatest).",
        "",
        "| model | test | Krafla | llama.cpp | flash attention | ratio |",
        "|---|---|---|---|---|---|",
    ]
    lines += [row(result) for result in results]
    lines += ["", "Commands of the last model, for each test:", "", "```"]
    lines += [text for engine in commands.values() for text in engine.values()]
    return "\n".join([*lines, "```"])


def row(result: Comparison) -> str:
    ratios = sorted(result.ratios)
    cells = [
        result.model,
        result.test,
        rates(result.ours),
        rates(result.theirs),
        result.flash_attention,
        f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} – {ratios[-1]:.2f})",
    ]
    return "| " + " | ".join(cells) + " |"


def rates(rounds: list[list[float]]) -> str:
    s = summary(rounds)
    return f"{s['tokens_per_second']:.1f} ({s['min']:.1f} – {s['max']:.1f})"


def command_line() -> str:
    return "python3 bench/peers/" + shlex.join(["llama_cpp.py", *sys.argv[1:]])
