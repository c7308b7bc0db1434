#!/bin/sh
# Tests the C kernels of one instruction set without a JVM.
#
#   usage: run.sh ISA LIBRARY WORK     e.g. run.sh avx2 target/classes/native/linux-x86_64/libkrafla.so /tmp/t
#
# ISA is avx2, avx512, amx or neon; LIBRARY what build.sh built. The test is compiled by $CC (cc) into the
# folder WORK and run by $RUNNER, an emulator and its arguments, where the library is not this
# machine's. Prints a line for each section: ok or FAILED, and a digest of all results. Ends with 0 if
# all is well, 77 if the CPU cannot run these kernels.
set -eu
isa=$1 library=$2 work=$3
src=$(dirname "$0")

case $isa in
  amx) set -- -mavx2 -mfma "$src/test.c" "$src/weights.c" "$src/amx/amx_test.c" "$src/amx/tile_emulation.c" ;;
  *) set -- "$src"/*.c ;;
esac
mkdir -p "$work"
"${CC:-cc}" -std=gnu11 -O2 -ffp-contract=off -Wall -Wextra -Werror -DISA="$isa" "$@" "$library" \
  -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)" -lm -o "$work/test_$isa"
# shellcheck disable=SC2086 # the runner is words
exec ${RUNNER:-} "$work/test_$isa"
