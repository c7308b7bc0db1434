# The body of `./krafla jmh`, sourced by ./krafla: builds the benchmarks and hands "$@" to JMH.
# shellcheck shell=sh disable=SC2154

jmh_usage() {
  cat <<'TEXT'
./krafla jmh [REGEX…] [JMH OPTIONS]     microbenchmarks of kernels, sampling and constraints

  ./krafla jmh -l                                        list them
  ./krafla jmh Matmul -p tier=vector,native -p rows=1    some of one
  ./krafla jmh Matmul -p type=Q4_0 -p cols=1536 -p weightRows=151936 -p threads=2
  ./krafla jmh Attention -p context=4096 -rf json -rff attention.json
  ./krafla jmh -h                                        every option of JMH

Each benchmark checks its own result. All of them take about an hour.
TEXT
}

if [ $# -eq 0 ]; then
  jmh_usage
  exit 0
fi
say "krafla: building the benchmarks …"
log=$root/target/jmh-build.log
mkdir -p "$root/target"
if ! (cd "$root" && "$mvn" -B -q -ntp -pl bench -am package -Dmaven.test.skip=true \
  -Dspotless.check.skip=true) >"$log" 2>&1 </dev/null; then
  grep -E '^\[ERROR\]' "$log" | head -n 20 >&2
  die "the build failed; all of its output: $log"
fi
case " $* " in
  *' -foe '*) ;;
  *) set -- -foe true "$@" ;; # a wrong result ends the run
esac
exec "$java" --sun-misc-unsafe-memory-access=allow \
  -cp "$root/bench/target/classes:$root/bench/target/lib/*" org.openjdk.jmh.Main "$@"
