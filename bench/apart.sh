#!/bin/sh
# Prefill and decode apart against one worker of the same threads, under mixed load: the gaps between
# tokens, and what a hand-off takes.
#
#   bench/apart.sh [SECONDS]
#
# MODEL (smollm2-135m) may be set in the environment.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
seconds=${1:-30}
model=${MODEL:-smollm2-135m}
# shellcheck source=bench/servers.sh
. "$root/bench/servers.sh"

java=java
if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/java; fi
serve="serve $model --port 0 --id apart --kv-disk 0 --kv-memory 1GiB"
load() { "$java" "$root/tools/GapsUnderLoad.java" "$url" apart "$seconds" "$1"; }

echo 'together: one worker, 2 threads'
start "$work/both.log" $serve --threads 2
load 1
stop

echo 'apart: prefill and decode, 1 thread each'
start "$work/prefill.log" $serve --threads 1 --role prefill
prefill=$url
start "$work/decode.log" $serve --threads 1 --role decode
decode=$url
printf 'replicas:\n  - {url: "%s", role: prefill}\n  - {url: "%s", role: decode}\n' \
  "$prefill" "$decode" >"$work/fleet.yaml"
start "$work/route.log" route --port 0 --replicas "$work/fleet.yaml"
load 1
curl -s "$decode/metrics" | awk '
  /^krafla_kv_pulled_total\{/ { n = $2 }
  /^krafla_kv_received_bytes_total\{/ { bytes = $2 }
  /^krafla_kv_pull_seconds_total\{/ { seconds = $2 }
  /^krafla_kv_pull_failures_total\{/ { failed += $2 }
  END {
    if (n > 0)
      printf "hand-offs: %d whole, %d broken or not wanted; %.1f MB and %.1f ms each\n",
        n, failed, bytes / n / 1e6, seconds / n * 1e3
  }'
