#!/bin/sh
# A small real fleet: workers with a real model behind `krafla route`, the same trace once for each
# policy, every time with fresh workers. Prints a table of hit rates.
#
#   bench/fleet.sh TRACE [WORKERS] [REQUESTS] [POLICY…]
#
# TRACE has Mooncake's form. MODEL, SCALE (0.03125), KV (1GiB for each worker) and CONCURRENCY (8)
# may be set in the environment.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
trace=${1:?usage: bench/fleet.sh TRACE [WORKERS] [REQUESTS] [POLICY…]}
workers=${2:-3}
requests=${3:-300}
shift "$(($# < 3 ? $# : 3))"
policies=${*:-prefix round-robin least-loaded random}
# shellcheck source=bench/servers.sh
. "$root/bench/servers.sh"

printf '%-14s %8s %8s %8s %12s %12s\n' policy hits ideal 'of it' 'TTFT p50 ms' 'pick <1 ms'
for policy in $policies; do
  urls=
  i=0
  while [ "$i" -lt "$workers" ]; do
    start "$work/worker$i.log" serve "${MODEL:-smollm2-135m}" --port 0 --id fleet --threads 1 \
      --kv-disk 0 --kv-memory "${KV:-1GiB}"
    urls=$urls${urls:+,}$url
    i=$((i + 1))
  done
  start "$work/route.log" route --port 0 --replicas "$urls" --policy "$policy"
  "$root/krafla" bench replay --trace "$trace" --scale "${SCALE:-0.03125}" \
    --requests "$requests" --concurrency "${CONCURRENCY:-8}" --warm-up 0 --url "$url" --json \
    >"$work/replay.json" 2>"$work/replay.log" || { cat "$work/replay.log" >&2; exit 1; }
  curl -s "$url/metrics" >"$work/metrics.txt"
  python3 - "$policy" "$work/replay.json" "$work/metrics.txt" <<'PY'
import json, sys
policy, replay, metrics = sys.argv[1:]
told = json.load(open(replay))
picks = {}
for line in open(metrics):
    if line.startswith("krafla_router_pick_seconds_bucket"):
        picks[line.split('le="')[1].split('"')[0]] = float(line.rsplit(" ", 1)[1])
hits, ideal = told["hit_rate"], told["ideal_hit_rate"]
print(f'{policy:14} {hits:8.1%} {ideal:8.1%} {hits / ideal:8.1%} {told["ttft_ms"]["p50"]:12.0f} '
      f'{picks["0.001"] / picks["+Inf"]:12.2%}', flush=True)
PY
  stop
done
