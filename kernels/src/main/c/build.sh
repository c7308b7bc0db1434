#!/bin/sh
# Builds libkrafla.so from the C sources beside this script into OUT/PLATFORM, e.g. linux-x86_64.
#
#   usage: build.sh OUT                            for this machine
#          CC=aarch64-linux-gnu-gcc build.sh OUT   for the machine that the compiler compiles for
#
# The file name says what a source may assume of the CPU: *_avx2.c is compiled for AVX2, FMA and
# F16C, *_avx512.c for AVX-512 with VNNI, *_amx.c for AMX and AVX-512 with BF16 besides, *_neon.c for
# Armv8.2 with dot products, everything else for the architecture's baseline. Which of it runs is
# decided at load, by what the CPU says of itself. A compiler that does not know AMX (before gcc 11 and
# clang 12) leaves that out, which shows in the library's symbols. Where there is no C compiler the engine runs on its Java kernels, so nothing here ever fails a
# build: one line says why the library is missing.
set -u
out=$1
src=$(dirname "$0")
cc=${CC:-cc}

skip() {
  echo "krafla: no native kernels, the slower Java ones will be used: $1"
  exit 0
}

command -v "$cc" > /dev/null 2>&1 || skip "no C compiler '$cc' (install gcc or clang, or set CC)"
case $("$cc" -dumpmachine) in
  x86_64*-linux*) platform=linux-x86_64 name=libkrafla.so ;;
  aarch64*-linux*) platform=linux-aarch64 name=libkrafla.so ;;
  arm64*-darwin* | aarch64*-darwin*) platform=macos-aarch64 name=libkrafla.dylib ;;
  *) skip "no native sources for $("$cc" -dumpmachine) yet" ;;
esac

lib=$out/$platform/$name
newer=$([ -f "$lib" ] && find "$src" -type f -newer "$lib" || echo all)
[ -n "$newer" ] || exit 0

work=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$work"' EXIT
avx512="-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c"
amx="$avx512 -mavx512bf16 -mamx-tile -mamx-int8 -mamx-bf16"
if [ "$platform" = linux-x86_64 ]; then
  echo '#include <immintrin.h>
    void probe(void) { _tile_dpbssd(0, 4, 6); _tile_dpbf16ps(1, 5, 7); }' > "$work/probe.c"
  # shellcheck disable=SC2086 # flags are words
  "$cc" $amx -c "$work/probe.c" -o "$work/probe.out" 2> /dev/null || {
    echo "krafla: '$cc' does not know AMX, the slower AVX-512 kernels will be used instead"
    amx=
  }
fi
flags="-std=gnu11 -O3 -fPIC -fvisibility=hidden -fno-math-errno -ffp-contract=off -Wall -Wextra -Werror"
for file in "$src"/*.c; do
  case $platform:$file in
    *-x86_64:*_avx2.c) target="-mavx2 -mfma -mf16c" ;;
    *-x86_64:*_avx512.c) target=$avx512 ;;
    *-x86_64:*_amx.c) [ -n "$amx" ] || continue
      target=$amx ;;
    *-aarch64:*_neon.c) target="-march=armv8.2-a+dotprod" ;;
    *_avx2.c | *_avx512.c | *_amx.c | *_neon.c) continue ;;
    *) target="" ;;
  esac
  # shellcheck disable=SC2086 # flags are words
  "$cc" $flags $target -c "$file" -o "$work/$(basename "$file" .c).o" 2> "$work/log" || {
    cat "$work/log"
    skip "'$cc' does not compile $(basename "$file")"
  }
done
"$cc" -shared -o "$work/$name" "$work"/*.o 2> "$work/log" || {
  cat "$work/log"
  skip "'$cc' does not link"
}
mkdir -p "$(dirname "$lib")" && mv "$work/$name" "$lib"
