# Starts and stops krafla commands for the benchmarks beside it, which read this file with `.` and have
# set $root. Sets $work, a folder that goes when the benchmark ends, as the servers do.
work=$(mktemp -d)
pids=

stop() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  pids=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Starts a krafla command, and sets $url to where it says it is reached.
start() {
  log=$1
  shift
  "$root/krafla" "$@" >"$log" 2>&1 &
  pids="$pids $!"
  url=
  tries=0
  while [ -z "$url" ]; do
    url=$(sed -n 's/.*is ready at \(http:[^ ,]*\)\/v1.*/\1/p' "$log" | head -n 1)
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ]; then
      cat "$log" >&2
      exit 1
    fi
    sleep 1
  done
}
