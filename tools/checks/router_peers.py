"""Real foreign engines behind `krafla route`: prefix routing, streaming, tools, KV events.

Starts what it finds of
  KRAFLA_LLAMA_BIN    a folder with llama.cpp's llama-server
  KRAFLA_VLLM_VENV    a virtual environment with vLLM (its CPU build will do)
  KRAFLA_VLLM_MODEL   the same model as a Hugging Face folder, for vLLM
on the model that `./krafla pull smollm2-135m` fetches. Exit 77: nothing of it is there.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("KRAFLA_HOME", Path.home() / ".krafla"))
WORK = Path(tempfile.mkdtemp(prefix="krafla-peers-"))
started = []


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(name, command, **environment):
    log = open(WORK / f"{name}.log", "w")
    process = subprocess.Popen(
        [str(c) for c in command], stdout=log, stderr=subprocess.STDOUT,
        env={**os.environ, **environment}, start_new_session=True)
    started.append(process)
    return process


def log_of(name):
    return (WORK / f"{name}.log").read_text()


def wait_for(what, condition, name, seconds):
    end = time.monotonic() + seconds
    while True:
        try:
            found = condition()
            if found:
                return found
        except OSError:
            pass
        if time.monotonic() > end or any(p.poll() is not None for p in started):
            raise SystemExit(f"{what} did not come to be:\n{log_of(name)[-3000:]}")
        time.sleep(0.5)


def request(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(
        urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=300)


def llama(bin_folder, model):
    port = free_port()
    name = f"llama-{port}"
    start(name, [Path(bin_folder) / "llama-server", "-m", model, "--host", "127.0.0.1",
                 "--port", port, "--alias", "peer", "-t", 1, "-np", 2, "-c", 8192, "--jinja",
                 "--metrics"], LD_LIBRARY_PATH=str(bin_folder))
    url = f"http://127.0.0.1:{port}"
    wait_for("llama-server", lambda: request(url + "/health").status == 200, name, 120)
    return {"url": url, "kind": "llamacpp"}


def vllm(venv, model):
    port, events, replay = free_port(), free_port(), free_port()
    # A publisher binds where its address has a star, else it connects.
    config = {"enable_kv_cache_events": True, "publisher": "zmq", "topic": "kv@peer",
              "endpoint": f"tcp://*:{events}", "replay_endpoint": f"tcp://*:{replay}"}
    iomp = Path(venv) / "lib" / "libiomp5.so"
    start("vllm", [Path(venv) / "bin" / "vllm", "serve", model, "--host", "127.0.0.1",
                   "--port", port, "--served-model-name", "peer", "--dtype", "bfloat16",
                   "--max-model-len", 2048, "--max-num-seqs", 4, "--enforce-eager",
                   "--enable-prompt-tokens-details", "--enable-auto-tool-choice",
                   "--tool-call-parser", "hermes", "--kv-events-config", json.dumps(config)],
          VLLM_CPU_KVCACHE_SPACE="1", VLLM_NO_USAGE_STATS="1", HF_HUB_OFFLINE="1",
          OMP_NUM_THREADS="2", PATH=f"{venv}/bin:{os.environ['PATH']}",
          **({"LD_PRELOAD": str(iomp)} if iomp.exists() else {}))
    url = f"http://127.0.0.1:{port}"
    wait_for("vLLM", lambda: request(url + "/health").status == 200, "vllm", 580)
    return {"url": url, "kind": "vllm", "kv_events": f"tcp://127.0.0.1:{events}",
            "kv_replay": f"tcp://127.0.0.1:{replay}"}


def route(name, replicas):
    file = WORK / f"{name}.json"
    file.write_text(json.dumps({"replicas": replicas}))
    start(name, [ROOT / "krafla", "route", "--port", 0, "--json", "--replicas", file])
    wait_for("the router", lambda: '"url"' in log_of(name), name, 300)
    told = json.loads(next(line for line in log_of(name).splitlines() if line.startswith("{")))
    assert all(r["ready"] for r in told["replicas"]), told
    return told["url"]


def authority(replica):
    return replica["url"].removeprefix("http://")


def check_streaming(url):
    answer = request(url + "/v1/chat/completions", {
        "model": "peer", "stream": True, "max_tokens": 8, "temperature": 0,
        "messages": [{"role": "user", "content": "Count to three."}]})
    events = [line[6:].strip() for line in answer.read().decode().splitlines()
              if line.startswith("data: ")]
    assert events[-1] == "[DONE]", events
    text = "".join(c["delta"].get("content") or "" for e in events[:-1]
                   for c in json.loads(e)["choices"])
    assert len(events) > 4 and text, events
    assert answer.headers["X-Krafla-Replica"], answer.headers


def check_tools(url, engine):
    """The engine's own answer comes through; whether it calls the tool is the engine's affair."""
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string", "enum": ["Oslo", "Rome"]}},
        "required": ["city"], "additionalProperties": False}}}
    body = {"model": "peer", "max_tokens": 200, "temperature": 0, "tools": [tool],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
            "messages": [{"role": "user", "content": "What is the weather in Rome?"}]}
    direct, routed = (
        json.load(request(base + "/v1/chat/completions", body))["choices"][0]["message"]
        for base in (engine["url"], url))
    calls = [[c["function"] for c in m.get("tool_calls") or []] for m in (direct, routed)]
    assert calls[0] == calls[1] and direct.get("content") == routed.get("content"), (direct, routed)
    if engine["kind"] == "vllm":
        assert calls[1][0]["name"] == "get_weather", routed
        json.loads(calls[1][0]["arguments"])


def check_prefix(url):
    """A conversation comes back to the replica that has its beginning, and is found there."""
    homes = set()
    for number in range(4):
        messages = [{"role": "system", "content": f"You are number {number}. " * 30}]
        answers = []
        for turn in range(3):
            messages.append({"role": "user", "content": f"Question {turn}?"})
            answer = request(url + "/v1/chat/completions", {
                "model": "peer", "max_tokens": 4, "temperature": 0, "messages": messages})
            answers.append(answer.headers["X-Krafla-Replica"])
            told = json.load(answer)
            messages.append({"role": "assistant",
                             "content": told["choices"][0]["message"]["content"] or ""})
            cached = (told["usage"].get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            assert turn == 0 or cached > 60, told["usage"]
        assert len(set(answers)) == 1, answers
        homes.add(answers[0])
    assert len(homes) == 2, homes


def check_events(router, engine):
    """What only the engine was told, the router finds there, by the events of its cache."""
    for subject in ("volcanoes", "glaciers", "geysers", "harbours"):
        prompt = f"The three largest {subject} of Iceland are known to every child. " * 24
        body = {"model": "peer", "prompt": prompt, "max_tokens": 2, "temperature": 0}
        request(engine["url"] + "/v1/completions", body).read()
        time.sleep(1)  # the event is on its way
        answer = request(router + "/v1/completions", body)
        assert answer.headers["X-Krafla-Replica"] == authority(engine), subject
        usage = json.load(answer)["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] >= 128, usage
    metrics = request(router + "/metrics").read().decode()
    found = re.search(r'krafla_router_tokenized_total\{outcome="found"} (\d+)', metrics)
    assert found and int(found[1]) >= 4, metrics


def main():
    models = sorted((HOME / "models" / "smollm2-135m").glob("*.gguf"))
    llama_bin = os.environ.get("KRAFLA_LLAMA_BIN")
    venv, folder = os.environ.get("KRAFLA_VLLM_VENV"), os.environ.get("KRAFLA_VLLM_MODEL")
    if not models:
        skip("needs a real model: ./krafla pull smollm2-135m")
    if not llama_bin and not (venv and folder):
        skip("set KRAFLA_LLAMA_BIN (a folder with llama-server), or KRAFLA_VLLM_VENV and"
             " KRAFLA_VLLM_MODEL")
    done = []
    first = llama(llama_bin, models[0]) if llama_bin else None
    if first:
        url = route("route-llama", [first, llama(llama_bin, models[0])])
        check_streaming(url)
        check_tools(url, first)
        check_prefix(url)
        done.append("llama.cpp: streaming, tools, prefix routing")
        print(done[-1], flush=True)
    if venv and folder:
        engine = vllm(venv, folder)
        alone = route("route-vllm", [engine])
        check_streaming(alone)
        check_tools(alone, engine)
        done.append("vLLM: streaming, tools")
        print(done[-1], flush=True)
        if first:
            check_events(route("route-both", [first, engine]), engine)
            done.append("vLLM's KV events, beside llama.cpp")
            print(done[-1], flush=True)
    missing = "" if llama_bin else "; no llama.cpp: KRAFLA_LLAMA_BIN is not set"
    missing += "" if venv and folder else "; no vLLM: KRAFLA_VLLM_VENV is not set"
    print("passed: " + "; ".join(done) + missing)


try:
    main()
finally:
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in started:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
