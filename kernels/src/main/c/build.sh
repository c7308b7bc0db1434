#!/bin/sh
# Builds libkrafla.so from the C sources beside this script into OUT.
#
#   usage: build.sh OUT
#
# The file name says what a source may assume of the CPU: *_avx2.c is compiled for AVX2, FMA and
# F16C, *_avx512.c for AVX-512 with VNNI, everything else for the platform's baseline. Which of it runs is decided at load, by CPUID.
# Where there is no C compiler the engine runs on its Java kernels, so nothing here ever fails a
# build: one line says why the library is missing.
set -u
out=$1
src=$(dirname "$0")
cc=${CC:-cc}

skip() {
  echo "krafla: no native kernels, the slower Java ones will be used: $1"
  exit 0
}

case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x86_64 ;;
  *) skip "no native sources for $(uname -s) $(uname -m) yet" ;;
esac
command -v "$cc" > /dev/null 2>&1 || skip "no C compiler '$cc' (install gcc or clang, or set CC)"

lib=$out/$platform/libkrafla.so
newer=$([ -f "$lib" ] && find "$src" -type f -newer "$lib" || echo all)
[ -n "$newer" ] || exit 0

work=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$work"' EXIT
flags="-std=gnu11 -O3 -fPIC -fvisibility=hidden -fno-math-errno -ffp-contract=off -Wall -Wextra -Werror"
for file in "$src"/*.c; do
  case $file in
    *_avx2.c) target="-mavx2 -mfma -mf16c" ;;
    *_avx512.c) target="-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c" ;;
    *) target="" ;;
  esac
  # shellcheck disable=SC2086 # flags are words
  "$cc" $flags $target -c "$file" -o "$work/$(basename "$file" .c).o" 2> "$work/log" || {
    cat "$work/log"
    skip "'$cc' does not compile $(basename "$file")"
  }
done
"$cc" -shared -o "$work/libkrafla.so" "$work"/*.o 2> "$work/log" || {
  cat "$work/log"
  skip "'$cc' does not link"
}
mkdir -p "$(dirname "$lib")" && mv "$work/libkrafla.so" "$lib"
