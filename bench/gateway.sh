#!/bin/sh
# What the gateway costs, beside others, interleaved on one machine and before one mock upstream:
# direct, a bare Helidon pass-through, Krafla's gateway, and, where they are named, LiteLLM's proxy
# and Portkey's gateway.
#
#   MOCK=…/mock-upstream LOADGEN=…/loadgen bench/gateway.sh
#   LITELLM=…/bin/litellm PORTKEY=…/node_modules/@portkey-ai/gateway/build/start-server.js
#   KRAFLA_URL=http://127.0.0.1:8080 KRAFLA_KEY=kr-…   a gateway that runs already, with keys and budgets;
#                                                     its model 'mock' must lead to MOCK's port 9401
#   ROUNDS=3 SECONDS_EACH=4 OPEN_STREAMS=0             OPEN_STREAMS=9500 opens so many at once instead
#
# MOCK listens at -addr with -latency; LOADGEN is a closed-loop driver that prints one JSON line.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/bench/servers.sh"
: "${MOCK:?a mock upstream} ${LOADGEN:?a load generator}"
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-4} streams=${OPEN_STREAMS:-0}
java=${KRAFLA_JAVA_HOME:-${JAVA_HOME:?a JDK 25}}/bin/java
key=${KRAFLA_KEY:-sk-mock}

wait_for() { # URL
  tries=0
  until curl -sf -o /dev/null "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "nothing answers at $1" >&2; exit 1; }
    sleep 0.5
  done
}

[ -d "$root/bench/target/lib" ] ||
  (cd "$root" && mvn -B -q -ntp -pl bench -am package -Dmaven.test.skip=true -Dspotless.check.skip=true)

"$MOCK" -addr 127.0.0.1:9401 >"$work/mock.log" 2>&1 &
pids="$pids $!"
flags="-Xmx${HEAP:-512m} -XX:+UseCompactObjectHeaders"
# shellcheck disable=SC2086 # holds several flags
"$java" $flags -cp "$root/bench/target/classes:$root/bench/target/lib/*" \
  dev.krafla.bench.BarePassThrough 9402 http://127.0.0.1:9401 "${BARE:-helidon}" >"$work/bare.log" 2>&1 &
bare_pid=$!
pids="$pids $bare_pid"
if [ -z "${KRAFLA_URL:-}" ]; then
  cat >"$work/krafla.yaml" <<TEXT
providers:
  mock: {kind: vllm, url: 'http://127.0.0.1:9401/v1'}
models:
  mock: mock/mock
prices:
  mock/mock: {input: 1, cached_input: 0.1, output: 4}
TEXT
  export KRAFLA_JAVA_OPTS="$flags ${KRAFLA_JAVA_OPTS:-}"
  start "$work/krafla.log" gateway --config "$work/krafla.yaml" --port 0
  KRAFLA_URL=$url
  krafla_pid=$(echo "$pids" | awk '{print $NF}')
fi
names="direct bare krafla"
direct=http://127.0.0.1:9401 bare=http://127.0.0.1:9402 krafla=$KRAFLA_URL
if [ -n "${LITELLM:-}" ]; then
  cat >"$work/litellm.yaml" <<TEXT
model_list:
  - model_name: mock
    litellm_params: {model: openai/mock, api_base: 'http://127.0.0.1:9401/v1', api_key: sk-mock}
TEXT
  "$LITELLM" --config "$work/litellm.yaml" --port 9404 --num_workers 1 >"$work/litellm.log" 2>&1 &
  pids="$pids $!"
  names="$names litellm" litellm=http://127.0.0.1:9404
fi
if [ -n "${PORTKEY:-}" ]; then
  node "$PORTKEY" --port=9405 --headless >"$work/portkey.log" 2>&1 &
  pids="$pids $!"
  names="$names portkey" portkey=http://127.0.0.1:9405
fi
wait_for http://127.0.0.1:9401/health
wait_for "$krafla/health"
[ -z "${LITELLM:-}" ] || wait_for "$litellm/health/liveliness"
[ -z "${PORTKEY:-}" ] || wait_for "$portkey/"

drive() { # NAME CLIENTS FLAGS…: one line
  name=$1 clients=$2
  shift 2
  eval "base=\$$name"
  if [ "$name" = portkey ]; then
    set -- "$@" -H 'x-portkey-provider: openai' -H 'x-portkey-custom-host: http://127.0.0.1:9401/v1'
  fi
  "$LOADGEN" -url "$base/v1/chat/completions" -c "$clients" -key "$key" -name "$name" "$@"
}

if [ "$streams" -gt 0 ]; then
  curl -s -X POST "http://127.0.0.1:9401/_mock?latency=2s&chunks=20&interval=1s" >/dev/null
  drive krafla "$streams" -stream -t 20 -w 5 -timeout 120s >"$work/streams.json" &
  driver=$!
  peak=0
  while kill -0 "$driver" 2>/dev/null; do
    now=$(ps -o rss= -p "${krafla_pid:?needs a gateway of this script}" | tr -d ' ')
    [ "${now:-0}" -le "$peak" ] || peak=$now
    sleep 1
  done
  cat "$work/streams.json"
  echo "{\"open_streams\": $streams, \"peak_rss_mib\": $((peak / 1024))}"
  exit 0
fi

for name in $names; do # the compilers' turn
  drive "$name" 64 -t 3 -w 3 >/dev/null
  drive "$name" 16 -t 2 -w 1 -stream >/dev/null
done
round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for name in $names; do
    many=256
    case $name in litellm | portkey) many=64 ;; esac # more only fill their queues
    drive "$name" 1 -t "$seconds" -w 0.5
    drive "$name" 16 -t "$seconds" -w 0.5
    drive "$name" 16 -t "$seconds" -w 0.5 -stream
    drive "$name" "$many" -t "$seconds" -w 0.5
  done
done >"$work/lines.json"
[ -z "${RAW:-}" ] || cp "$work/lines.json" "$RAW"

python3 - "$work/lines.json" <<'PY'
import json, statistics, sys

runs = [json.loads(line) for line in open(sys.argv[1])]
names = list(dict.fromkeys(r["name"] for r in runs))
kinds = list(dict.fromkeys((min(r["clients"], 64), r["stream"]) for r in runs))

def of(name, kind):
    return [r for r in runs if r["name"] == name and (min(r["clients"], 64), r["stream"]) == kind]

def added(name, kind, field):
    pairs = zip(of(name, kind), of("direct", kind))
    return statistics.median(a[field] - b[field] for a, b in pairs)

print(f"{'added ms, medians':18}" + "".join(f"{n:>12}" for n in names))
for label, kind, field in [
    ("1 client p50", (1, False), "p50_ms"), ("1 client p99", (1, False), "p99_ms"),
    ("16 clients p50", (16, False), "p50_ms"), ("16 clients p99", (16, False), "p99_ms"),
    ("TTFT p50, 16", (16, True), "ttft_p50_ms"), ("TTFT p99, 16", (16, True), "ttft_p99_ms")]:
    print(f"{label:18}" + "".join(f"{added(n, kind, field):12.2f}" for n in names))
print(f"{'requests/s':18}" + "".join(f"{statistics.median(r['rps'] for r in of(n, (64, False))):12.0f}" for n in names))
print(f"{'at clients':18}" + "".join(f"{of(n, (64, False))[0]['clients']:12d}" for n in names))
print(f"{'errors':18}" + "".join(f"{sum(r['errors'] for r in runs if r['name'] == n):12d}" for n in names))
PY
