# The body of `./krafla test`, sourced by ./krafla: JAVA_HOME, $java, $mvn, $root, "$@", and its
# functions say, build and run are there. Fetches what tests need, lets Maven build and test, runs
# the checks outside of Maven where --full asks for them, and closes with TestSummary's lines.
# shellcheck shell=sh disable=SC2154

test_usage() {
  cat <<'TEXT'
./krafla test [--full] [MODULE…] [TEST…] [MAVEN OPTIONS]

  ./krafla test                           build everything, run all tests
  ./krafla test engine                    the tests of one module
  ./krafla test SamplerTest               one test class, in whichever module
  ./krafla test engine 'SamplerTest#*seed*' -X
  ./krafla test --full                    also what takes minutes: 10,000 requests on a real
                                          model, and tools/checks (foreign CPUs under qemu)
  ./krafla test --build-only              build all, tests too, but run none

Tests that need a real model or a foreign client fetch it once, into $KRAFLA_HOME (default
~/.krafla). Without a network, or without python3 or npm, those tests are skipped, and named; so
are those of the browser where there is no Chrome or Chromium.
TEXT
}

# The model that tests run on; a machine without a network goes on without it.
fetch_test_model() {
  folder=${KRAFLA_HOME:-${HOME:-/root}/.krafla}/models/smollm2-135m
  for file in "$folder"/*.gguf; do
    [ ! -f "$file" ] || return 0
  done
  say "krafla: fetching the model that tests run on"
  (build && run pull smollm2-135m) </dev/null ||
    say "krafla: it could not be fetched; tests that need it are skipped"
}

# The fonts that tests of pictures set text in; a machine without a network goes on without them.
fetch_test_fonts() {
  [ ! -f "${KRAFLA_HOME:-${HOME:-/root}/.krafla}/fonts/NotoSansCJK-VF.otf.ttc" ] || return 0
  say "krafla: fetching the fonts that tests set text in"
  (build && run image --fetch-fonts) </dev/null ||
    say "krafla: they could not be fetched; tests that need them are skipped"
}

# Every tools/checks/*.sh: exit 0 is passed, 77 skipped (its last line says why), all else failed.
run_checks() {
  for check in "$root"/tools/checks/*.sh; do
    [ -f "$check" ] || continue
    name=$(basename "$check" .sh)
    log=$root/target/checks/$name.log
    printf 'krafla: check %s …\n' "$name" >&2
    code=0
    (cd "$root" && sh "$check") >"$log" 2>&1 </dev/null || code=$?
    case $code in
      0) outcome=pass ;;
      77) outcome=skip ;;
      *)
        outcome=fail
        tail -n 30 "$log" >&2
        ;;
    esac
    printf '%s\t%s\t%s\n' "$outcome" "$name" "$(tail -n 1 "$log")" >>"$1"
  done
}

full=
build_only=
modules=
tests=
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=yes ;;
    --build-only) build_only=yes ;;
    -h | --help)
      test_usage
      exit 0
      ;;
    -*) break ;; # the rest is Maven's
    *)
      if [ -f "$root/$1/pom.xml" ]; then
        modules=${modules:+$modules,}$1
      else
        tests=${tests:+$tests,}$1
      fi
      ;;
  esac
  shift
done
if [ -n "$modules" ]; then
  if [ -z "$tests" ]; then # -am brings the modules below along; their tests stay out
    tests=dev/krafla/$(printf '%s' "$modules" | sed 's|,|/**/*Test,dev/krafla/|g')/**/*Test
  fi
  set -- -pl "$modules" -am "$@"
fi
if [ -n "$tests" ]; then
  set -- "-Dtest=$tests" -Dsurefire.failIfNoSpecifiedTests=false "$@"
fi
if [ -n "$full" ]; then
  set -- -DexcludedGroups= "$@"
fi

if [ -n "$build_only" ]; then
  cd "$root" && exec "$mvn" -B -q -ntp verify -DskipTests "$@" </dev/null
fi
fetch_test_model
fetch_test_fonts
checks=$root/target/checks/outcomes
rm -rf "$root/target/checks"
mkdir -p "$root/target/checks"
since=$(date +%s)
# A failed test does not stop later modules; TestSummary tells of it. The status goes by a file,
# because a pipe's is tee's.
(
  cd "$root"
  code=0
  "$mvn" -B -ntp -fae -Dmaven.test.failure.ignore=true verify "$@" </dev/null 2>&1 || code=$?
  echo "$code" >target/checks/status
) | tee "$root/target/checks/maven.log"
status=$(cat "$root/target/checks/status")
if [ "$status" -ne 0 ]; then # what does not compile would else be a long way up
  printf '\nMaven failed (all of its output: %s):\n' "$root/target/checks/maven.log"
  grep -E '^\[(ERROR\] .|WARNING\] .*\.java:)' "$root/target/checks/maven.log" | grep -vE 'Help 1|Re-run|To see the|For more information|After correcting|-rf :' | head -n 12
fi
[ -z "$full" ] || run_checks "$checks"
"$java" "$root/tools/TestSummary.java" "$root" "$since" "$status" "$checks"
