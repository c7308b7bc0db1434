#!/usr/bin/env python3
"""Loads any OpenAI-shaped chat endpoint with N users who share a system prompt.

    python3 bench/peers/http_load.py http://127.0.0.1:8080/v1 MODEL --users 16 --requests 64

Closed loop: each user sends the next request as soon as the last answer has ended. All requests
have the same system prompt and a user text of their own; answers are greedy and of fixed length.
Prints one JSON object; tokens are the server's own counts. Time to first token: from writing the
request to the first text that arrives. Gap: between two arrivals of text in one answer.
"""

import argparse
import http.client
import json
import math
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Short common words: one or two tokens in any vocabulary.
WORDS = (
    "stone river green quiet letter window bread summer winter garden road market paper music horse"
    " island mountain bridge copper silver engine planet morning evening silence answer question"
    " number colour shadow harbour village doctor farmer sailor teacher kitchen ladder bottle candle"
    " simple heavy narrow gentle bright empty common distant honest useful"
).split()


@dataclass(frozen=True)
class Load:
    users: int
    requests: int
    system_words: int
    user_words: int
    max_tokens: int
    seed: int  # every seed gives other prompts, so that no server finds them cached


@dataclass
class Answer:
    started: float
    arrivals: list[float] = field(default_factory=list)
    text: str = ""
    usage: dict = field(default_factory=dict)
    error: str = ""

    @property
    def tokens(self) -> int:
        return self.usage.get("completion_tokens", len(self.arrivals))


def words(rng: random.Random, n: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(n))


def conversations(load: Load) -> list[list[dict]]:
    rng = random.Random(load.seed)
    system = "Answer in plain words. " + words(rng, load.system_words)
    return [
        [
            {"role": "system", "content": system},
            {"role": "user", "content": "Tell me about " + words(rng, load.user_words)},
        ]
        for _ in range(load.requests)
    ]


def ask(base: str, model: str, messages: list[dict], max_tokens: int) -> Answer:
    """One streamed request on a connection of its own. Failures are counted, not raised."""
    url = urlsplit(base)
    body = {
        "model": model, "messages": messages, "max_tokens": max_tokens, "temperature": 0,
        "ignore_eos": True, "stream": True, "stream_options": {"include_usage": True},
    }
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=600)
    connection.connect()
    answer = Answer(time.perf_counter())
    try:
        headers = {"Content-Type": "application/json"}
        path = url.path.rstrip("/") + "/chat/completions"
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        if response.status != 200:
            answer.error = f"status {response.status}: {response.read()[:200]!r}"
        else:
            read_events(response, answer)
    except (OSError, http.client.HTTPException, ValueError) as e:
        answer.error = repr(e)
    finally:
        connection.close()
    if not answer.error and not answer.arrivals:
        answer.error = "no text arrived"
    return answer


def read_events(response: http.client.HTTPResponse, answer: Answer) -> None:
    while line := response.readline():
        if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
            continue
        event = json.loads(line[5:])
        if event.get("error"):
            raise ValueError(str(event["error"])[:200])
        answer.usage = event.get("usage") or answer.usage
        deltas = [choice.get("delta") or {} for choice in event.get("choices") or ()]
        if text := "".join(delta.get("content") or "" for delta in deltas):
            answer.arrivals.append(time.perf_counter())
            answer.text += text


def run(base: str, model: str, load: Load) -> dict:
    todo = iter(conversations(load))
    lock = threading.Lock()
    answers: list[Answer] = []

    def user() -> None:
        while True:
            with lock:
                messages = next(todo, None)
            if messages is None:
                return
            answer = ask(base, model, messages, load.max_tokens)
            with lock:
                answers.append(answer)

    threads = [threading.Thread(target=user) for _ in range(load.users)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figures(answers, time.perf_counter() - started)


def figures(answers: list[Answer], seconds: float) -> dict:
    good = [answer for answer in answers if not answer.error]
    first = [answer.arrivals[0] - answer.started for answer in good]
    gaps = [b - a for answer in good for a, b in zip(answer.arrivals, answer.arrivals[1:])]
    output = sum(answer.tokens for answer in good)
    prompt = sum(answer.usage.get("prompt_tokens", 0) for answer in good)
    details = [answer.usage.get("prompt_tokens_details") or {} for answer in good]
    return {
        "requests": len(answers),
        "errors": len(answers) - len(good),
        "first_error": next((answer.error for answer in answers if answer.error), None),
        "seconds": seconds,
        "output_tokens": output,
        "tokens_per_second": output / seconds,
        "prompt_tokens_per_request": prompt / max(1, len(good)),
        "cached_tokens_per_request":
            sum(d.get("cached_tokens") or 0 for d in details) / max(1, len(good)),
        "ttft_ms_p50": milliseconds(first, 50),
        "ttft_ms_p99": milliseconds(first, 99),
        "gap_ms_p50": milliseconds(gaps, 50),
        "gap_ms_p99": milliseconds(gaps, 99),
    }


def milliseconds(seconds: list[float], percent: float) -> float | None:
    """Percentile by nearest rank."""
    if not seconds:
        return None
    rank = max(1, math.ceil(percent / 100 * len(seconds)))
    return sorted(seconds)[rank - 1] * 1000


def add_load_options(parser: argparse.ArgumentParser) -> None:
    for name, default, what in (
        ("--users", 16, "at the same time"),
        ("--requests", 64, "of all users together"),
        ("--system-words", 650, "in the shared system prompt, about 1.5 tokens each"),
        ("--user-words", 30, "in each user's own text"),
        ("--max-tokens", 64, "of each answer"),
        ("--seed", 1, "of the prompts"),
    ):
        parser.add_argument(name, type=int, default=default, help=f"{what}; default: %(default)s")


def load_of(options: argparse.Namespace, seed: int) -> Load:
    return Load(
        options.users, options.requests, options.system_words, options.user_words,
        options.max_tokens, seed,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", metavar="URL", help="up to and with /v1")
    parser.add_argument("model", help="as the server calls it")
    add_load_options(parser)
    options = parser.parse_args()
    result = run(options.base, options.model, load_of(options, options.seed))
    print(json.dumps(result, indent=2))
    sys.exit(1 if result["errors"] else 0)


if __name__ == "__main__":
    main()
