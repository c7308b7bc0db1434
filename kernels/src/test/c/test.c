/* What the tests share. */
#define _GNU_SOURCE
#include "test.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- random numbers: xorshift64* ---- */

static uint64_t state;

void seed(uint64_t value) {
  state = value * 0x9E3779B97F4A7C15u + 1;
}

uint64_t random_bits(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545F4914F6CDD1Du;
}

int random_below(int n) {
  return (int) ((random_bits() >> 33) % (uint64_t) n);
}

float random_float(void) {
  return (float) ((int32_t) (random_bits() >> 40) - (1 << 23)) / (1 << 23);
}

void fill_random(float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    x[i] = random_float();
  }
}

/* ---- memory ---- */

enum { MAPPINGS = 256 };

static struct {
  void *base;
  size_t bytes;
} mappings[MAPPINGS];
static int mapped;

void *allocate(int64_t bytes) {
  const size_t page = (size_t) sysconf(_SC_PAGESIZE);
  const size_t pages = ((size_t) bytes + page - 1) / page + 1;
  uint8_t *base = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED || mapped == MAPPINGS) {
    perror("no memory for a test");
    exit(2);
  }
  mappings[mapped].base = base;
  mappings[mapped++].bytes = pages * page;
  mprotect(base + (pages - 1) * page, page, PROT_NONE);
  memset(base, 0xff, (pages - 1) * page); /* NaN to whom reads what nobody wrote */
  return base + (pages - 1) * page - (bytes + 3) / 4 * 4;
}

void free_all(void) {
  while (mapped > 0) {
    mapped--;
    munmap(mappings[mapped].base, mappings[mapped].bytes);
  }
}

/* ---- checks ---- */

enum { SHOWN = 20 };

static int failed, failed_before;
static uint64_t hash = 0xCBF29CE484222325u;

static void fail(const char *what, va_list arguments) {
  if (++failed <= SHOWN) {
    printf("FAILED ");
    vprintf(what, arguments);
  }
}

void check_close(double actual, double expected, double tolerance, const char *what, ...) {
  if (fabs(actual - expected) <= tolerance) {
    return;
  }
  va_list arguments;
  va_start(arguments, what);
  fail(what, arguments);
  va_end(arguments);
  if (failed <= SHOWN) {
    printf(": %.9g, expected %.9g within %.3g\n", actual, expected, tolerance);
  }
}

void check_same_bits(const float *actual, const float *expected, int64_t n, const char *what, ...) {
  if (memcmp(actual, expected, (size_t) n * sizeof(float)) == 0) {
    return;
  }
  int64_t i = 0;
  while (memcmp(actual + i, expected + i, sizeof(float)) == 0) {
    i++;
  }
  va_list arguments;
  va_start(arguments, what);
  fail(what, arguments);
  va_end(arguments);
  if (failed <= SHOWN) {
    printf(": element %lld is %a, expected exactly %a\n", (long long) i, actual[i], expected[i]);
  }
}

void check(int holds, const char *what, ...) {
  if (holds) {
    return;
  }
  va_list arguments;
  va_start(arguments, what);
  fail(what, arguments);
  va_end(arguments);
  if (failed <= SHOWN) {
    printf("\n");
  }
}

void digest(const void *data, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i++) { /* FNV-1a */
    hash = (hash ^ ((const uint8_t *) data)[i]) * 0x100000001B3u;
  }
}

void section_done(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf(" %s %016llx\n", failed == failed_before ? "ok" : "FAILED", (unsigned long long) hash);
  fflush(stdout);
  failed_before = failed;
  hash = 0xCBF29CE484222325u;
}

int checks_failed(void) {
  return failed;
}

static void touched_beyond(int signal) {
  (void) signal;
  static const char message[] =
      "FAILED: a kernel read or wrote beyond its data, in the section after the last line above\n";
  _exit(write(STDOUT_FILENO, message, sizeof message - 1) > 0 ? 1 : 2);
}

void report_foreign_memory(void) {
  signal(SIGSEGV, touched_beyond);
  signal(SIGBUS, touched_beyond);
}
