"""Measures two engines in turn, A B A B: what drifts on the machine drifts for both."""

import statistics
import sys
from dataclasses import dataclass, field

from engines import Krafla, LlamaCpp, Model, Test
from machine import load_average


@dataclass
class Comparison:
    """One test of one model: for each round, the samples of both engines (tokens per second)."""

    model: str
    test: str
    flash_attention: str  # what llama.cpp ran best with
    ours: list[list[float]] = field(default_factory=list)
    theirs: list[list[float]] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)  # load average before each round

    @property
    def ratios(self) -> list[float]:
        """For each round, the median of ours by the median of theirs."""
        rounds = zip(self.ours, self.theirs, strict=True)
        return [statistics.median(a) / statistics.median(b) for a, b in rounds]

    def as_json(self) -> dict:
        return {
            "model": self.model,
            "test": self.test,
            "flash_attention": self.flash_attention,
            "krafla": summary(self.ours),
            "llama_cpp": summary(self.theirs),
            "ratios": self.ratios,
            "ratio": statistics.median(self.ratios),
            "load_before_rounds": self.loads,
        }


def summary(rounds: list[list[float]]) -> dict:
    """Median of the rounds' medians; least and greatest of all single runs."""
    return {
        "tokens_per_second": statistics.median(statistics.median(samples) for samples in rounds),
        "min": min(map(min, rounds)),
        "max": max(map(max, rounds)),
        "rounds": rounds,
    }


def compare(ours: Krafla, theirs: LlamaCpp, model: Model, test: Test, rounds: int) -> Comparison:
    progress(f"{model.name} {test.name}: llama.cpp with and without flash attention")
    theirs.calibrate(model, test)
    result = Comparison(model.name, test.name, theirs.flash_attention[model.name, test.name])
    for i in range(1, rounds + 1):
        result.loads.append(round(load_average(), 2))
        progress(f"{model.name} {test.name}: round {i} of {rounds}, Krafla")
        result.ours.append(ours.measure(model, test))
        progress(f"{model.name} {test.name}: round {i} of {rounds}, llama.cpp")
        result.theirs.append(theirs.measure(model, test))
    progress("")
    return result


def progress(text: str) -> None:
    """A line that the next one replaces; on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
