#!/bin/sh
# Tests the kernels for 64-bit ARM on a machine of any kind: compiles them with a cross-compiler and
# runs kernels/src/test/c under an emulator. Where this machine is an x86-64 with AVX2 it compares
# digests too: NEON computes the same bits. Speed cannot be measured so.
#
# Needs (Debian, Ubuntu): apt-get install gcc-aarch64-linux-gnu qemu-user
set -eu
kernels=$(cd "$(dirname "$0")/../../kernels" && pwd)

skip() {
  echo "$1"
  exit 77
}

case $(uname -m) in
  aarch64 | arm64)
    compiler=${CC:-cc} emulator=""
    command -v "$compiler" > /dev/null 2>&1 || skip "no C compiler '$compiler'"
    ;;
  *)
    compiler=${AARCH64_CC:-aarch64-linux-gnu-gcc} sysroot=${AARCH64_SYSROOT:-/usr/aarch64-linux-gnu}
    command -v "$compiler" > /dev/null 2>&1 || skip "no $compiler: apt-get install gcc-aarch64-linux-gnu"
    qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) ||
      skip "no qemu-aarch64: apt-get install qemu-user"
    emulator="$qemu -L $sysroot"
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# test_kernels ISA COMPILER RUNNER: the report goes to $work/ISA.txt; returns the test's status
test_kernels() {
  CC=$2 "$kernels/src/main/c/build.sh" "$work/$1"
  library=$(find "$work/$1" -name 'libkrafla.*')
  [ -n "$library" ] || return 1
  CC=$2 RUNNER=$3 "$kernels/src/test/c/run.sh" "$1" "$library" "$work" > "$work/$1.txt"
}

status=0
test_kernels neon "$compiler" "${emulator:+$emulator -cpu max}" || status=$?
cat "$work/neon.txt"
[ "$status" -eq 77 ] && [ -z "$emulator" ] && exit 77 # a CPU from before Armv8.2, as the report says
[ "$status" -eq 0 ] || exit 1

if [ -n "$emulator" ]; then
  status=0
  $emulator -cpu cortex-a53 "$work/test_neon" > "$work/old.txt" || status=$?
  [ "$status" -eq 77 ] || { echo "FAILED: not recognised that Cortex-A53 has no dot products"; exit 1; }
fi

if [ "$(uname -sm)" = "Linux x86_64" ] && command -v cc > /dev/null 2>&1; then
  status=0
  test_kernels avx2 cc "" || status=$?
  case $status in
    0)
      for isa in neon avx2; do
        grep -v -e 'all checks' "$work/$isa.txt" > "$work/$isa.bits"
      done
      diff "$work/avx2.bits" "$work/neon.bits" || { echo "FAILED: NEON and AVX2 differ (< AVX2, > NEON)"; exit 1; }
      echo "all checks of the neon kernels passed, and they have the bits of AVX2"
      ;;
    77) echo "all checks of the neon kernels passed; not compared with AVX2, which this CPU lacks" ;;
    *) cat "$work/avx2.txt"; exit 1 ;;
  esac
fi
