"""The two engines, each measured by its own bench program on one test at a time."""

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from llama_build import peers_home, virtual_environment

ROOT = Path(__file__).resolve().parents[2]
BATCH_PROMPT = 16  # tokens of each sequence before those that count
BATCH_TOKENS = 128


@dataclass(frozen=True)
class Test:
    """A test by the name that both engines' reports share: pp512, tg128, batch8."""

    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(pp|tg|batch)[1-9][0-9]*", self.name):
            raise SystemExit(f"no test is called {self.name}; write ppN, tgN or batchN")

    @property
    def kind(self) -> str:
        return self.name.rstrip("0123456789")

    @property
    def size(self) -> int:
        return int(self.name.removeprefix(self.kind))


@dataclass(frozen=True)
class Model:
    name: str
    path: Path


@dataclass
class Engine:
    """Common to both: runs a program, remembers the command line as a reader would type it."""

    threads: int
    repetitions: int
    commands: dict[str, str] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)

    def output(self, test: Test, arguments: list[str], environment: dict[str, str]) -> str:
        shown = [arguments[0].replace(str(ROOT), "."), *arguments[1:]]
        self.commands[test.name] = shlex.join(shown)
        done = subprocess.run(
            arguments, capture_output=True, text=True, env={**os.environ, **environment}
        )
        if done.returncode != 0:
            tail = "\n".join(done.stderr.splitlines()[-15:])
            raise SystemExit(f"{shlex.join(arguments)}\nexit status {done.returncode}:\n{tail}")
        return done.stdout


class Krafla(Engine):
    name = "Krafla"

    def measure(self, model: Model, test: Test) -> list[float]:
        """Tokens per second of each repetition."""
        sizes = {"pp": 0, "tg": 0, "batch": 0} | {test.kind: test.size}
        options = [f"--{kind}={size}" for kind, size in sizes.items()]
        if test.kind == "batch":
            options += [f"--batch-pp={BATCH_PROMPT}", f"--batch-tg={BATCH_TOKENS}"]
        options += [f"--threads={self.threads}", f"--reps={self.repetitions}", "--json"]
        out = self.output(test, [str(ROOT / "krafla"), "bench", str(model.path), *options], {})
        result = next(r for r in json.loads(out) if r["test"] == test.name)
        self.about["kernels"] = result.get("kernels", "")
        self.about["kv_type"] = result.get("kv_type", "")
        return result.get("samples") or [result["tokens_per_second"]]


@dataclass
class LlamaCpp(Engine):
    name = "llama.cpp"
    bin: Path = Path()
    flash_attention: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for program in ("llama-bench", "llama-batched-bench"):
            if not (self.bin / program).is_file():
                raise SystemExit(
                    f"{self.bin / program} is not there: build it with `llama_cpp.py build`, or"
                    " name the folder that has it with --bin or KRAFLA_LLAMA_BIN"
                )

    def calibrate(self, model: Model, test: Test) -> None:
        """Measures with and without flash attention; the better one is used from now on."""
        rates = {fa: max(self.run(model, test, fa)) for fa in ("on", "off")}
        self.flash_attention[model.name, test.name] = max(rates, key=lambda fa: rates[fa])

    def measure(self, model: Model, test: Test) -> list[float]:
        return self.run(model, test, self.flash_attention[model.name, test.name])

    def run(self, model: Model, test: Test, flash_attention: str) -> list[float]:
        common = ["-m", str(model.path), "-t", str(self.threads), "-fa", flash_attention]
        if test.kind == "batch":
            return self.run_batched(test, common)
        sizes = {"pp": ["-p", str(test.size), "-n", "0"], "tg": ["-p", "0", "-n", str(test.size)]}
        program = [str(self.bin / "llama-bench"), *common, *sizes[test.kind]]
        program += ["-r", str(self.repetitions), "-o", "json"]
        out = self.output(test, program, self.library())
        (result,) = json.loads(out)
        self.about |= {"commit": result["build_commit"], "backend": result["backends"]}
        return result["samples_ts"]

    def run_batched(self, test: Test, common: list[str]) -> list[float]:
        """Naming the number of sequences several times repeats the test, each with an empty cache.
        The first run warms up; one more stands at the end, whose line the program may lose."""
        context = test.size * (BATCH_PROMPT + BATCH_TOKENS)
        options = ["-npp", str(BATCH_PROMPT), "-ntg", str(BATCH_TOKENS), "-c", str(context)]
        options += ["-npl", ",".join([str(test.size)] * (self.repetitions + 2))]
        program = [str(self.bin / "llama-batched-bench"), *common, *options]
        out = self.output(test, [*program, "--output-format", "jsonl"], self.library())
        lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        if len(lines) <= self.repetitions:
            raise SystemExit(f"{len(lines)} results instead of {self.repetitions + 2}:\n{out}")
        return [line["speed_tg"] for line in lines[1 : self.repetitions + 1]]

    def library(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": str(self.bin)}


def find_model(name: str) -> Model:
    """A file by path, by Krafla's short name (fetched if need be), or shape:SHAPE:TYPE (made)."""
    if name.startswith("shape:"):
        return shaped_model(name)
    if Path(name).is_file():
        return Model(Path(name).stem, Path(name).resolve())
    subprocess.run([str(ROOT / "krafla"), "pull", name], check=True, stdout=subprocess.DEVNULL)
    listed = subprocess.run(
        [str(ROOT / "krafla"), "models", "--here", "--json"],
        check=True, capture_output=True, text=True,
    ).stdout
    for model in json.loads(listed):
        if model["name"] == name:
            return Model(name, Path(model["path"]))
    raise SystemExit(f"{name}: Krafla has fetched no model of this name")


def shaped_model(name: str) -> Model:
    """Random weights in a real model's shape; see tools/make_shaped_gguf.py."""
    try:
        _, shape, kind = name.split(":")
    except ValueError:
        raise SystemExit(f"{name}: write shape:SHAPE:TYPE, as in shape:qwen2-1.5b:Q4_0") from None
    file = peers_home() / "models" / f"{shape}-shape-{kind}.gguf"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        python = virtual_environment(peers_home() / "gguf", ["gguf==0.19.0", "numpy==2.4.6"])
        script = ROOT / "tools" / "make_shaped_gguf.py"
        subprocess.run([python, script, "--shape", shape, "--type", kind, file], check=True)
    return Model(file.stem, file)
