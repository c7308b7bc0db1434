/*
 * Semantics are those of Intel's Software Developer's Manual, volume 2 (LDTILECFG to TILEZERO), for
 * palette 1. Where an instruction would raise #UD or #GP, this ends the process and says why.
 */
#define _GNU_SOURCE
#include "tile_emulation.h"

#include <immintrin.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { TILES = 8, MAX_ROWS = 16, MAX_BYTES = 64 };

struct shape {
  int rows, bytes;
};

/* The tile registers of one thread. */
static _Thread_local struct {
  int configured;
  struct shape shape[TILES];
  uint8_t data[TILES][MAX_ROWS][MAX_BYTES];
} tiles;

/* VEX.128, map 0F38, W0, as all of AMX. */
struct instruction {
  int prefix;                           /* pp: 0 none, 1 66, 2 F3, 3 F2 */
  int opcode, reg, rm, vvvv, is_memory; /* rm is a register unless is_memory */
  int has_index;                        /* the address has a SIB byte */
  uint8_t *base;                        /* address without the index, and */
  int64_t index;                        /* the index times its scale */
  const uint8_t *end;
};

static void require(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "AMX emulation: %s\n", what);
    _exit(70);
  }
}

/* ---- configuration, zeroing, memory ---- */

static void tile_release(void) {
  memset(&tiles, 0, sizeof tiles);
}

static void load_config(const uint8_t *config) {
  require(config[0] == 1, "LDTILECFG: palette is not 1");
  require(config[1] == 0, "LDTILECFG: start row is not 0");
  for (int i = 2; i < 64; i++) {
    const int reserved = i < 16 || (i >= 32 && i < 48) || i >= 56;
    require(!reserved || config[i] == 0, "LDTILECFG: a reserved byte is not 0");
  }
  tile_release(); /* all tiles are zeroed */
  for (int t = 0; t < TILES; t++) {
    const int bytes = config[16 + 2 * t] | config[17 + 2 * t] << 8, rows = config[48 + t];
    require(rows <= MAX_ROWS && bytes <= MAX_BYTES, "LDTILECFG: a tile is larger than 16 rows of 64 bytes");
    require((rows == 0) == (bytes == 0), "LDTILECFG: a tile has rows without bytes or bytes without rows");
    tiles.shape[t] = (struct shape){rows, bytes};
  }
  tiles.configured = 1;
}

static void store_config(uint8_t *config) {
  memset(config, 0, 64);
  config[0] = (uint8_t) tiles.configured;
  for (int t = 0; t < TILES; t++) {
    config[16 + 2 * t] = (uint8_t) tiles.shape[t].bytes;
    config[48 + t] = (uint8_t) tiles.shape[t].rows;
  }
}

static struct shape shape_of(int t) {
  require(tiles.configured, "a tile instruction before LDTILECFG or after TILERELEASE");
  require(t < TILES && tiles.shape[t].rows > 0, "a tile without rows");
  require(tiles.shape[t].bytes % 4 == 0, "a tile whose rows are not a multiple of 4 bytes");
  return tiles.shape[t];
}

static void tile_zero(int t) {
  shape_of(t);
  memset(tiles.data[t], 0, sizeof tiles.data[t]);
}

static void tile_load(int t, const struct instruction *from) {
  const struct shape s = shape_of(t);
  require(from->has_index, "TILELOADD without a SIB byte");
  memset(tiles.data[t], 0, sizeof tiles.data[t]);
  for (int r = 0; r < s.rows; r++) {
    memcpy(tiles.data[t][r], from->base + r * from->index, (size_t) s.bytes);
  }
}

static void tile_store(int t, const struct instruction *to) {
  const struct shape s = shape_of(t);
  require(to->has_index, "TILESTORED without a SIB byte");
  for (int r = 0; r < s.rows; r++) {
    memcpy(to->base + r * to->index, tiles.data[t][r], (size_t) s.bytes);
  }
}

/* ---- products: C[m][n] += A[m][k] · B[k][n] ---- */

/* Checks the shapes; returns k, in elements of 4 bytes. */
static int common_columns(int c, int a, int b) {
  const struct shape sc = shape_of(c), sa = shape_of(a), sb = shape_of(b);
  require(c != a && c != b && a != b, "a product of a tile with itself");
  require(sc.bytes == sb.bytes, "a product whose weights are not as wide as its sums");
  require(sc.rows == sa.rows, "a product whose activations have not as many rows as its sums");
  require(sa.bytes / 4 == sb.rows, "a product whose activations and weights differ in columns");
  return sb.rows;
}

/* Rows and bytes beyond the shape of the sums become zero. */
static void zero_rest(int c) {
  const struct shape s = tiles.shape[c];
  for (int r = 0; r < MAX_ROWS; r++) {
    const int used = r < s.rows ? s.bytes : 0;
    memset(tiles.data[c][r] + used, 0, (size_t) (MAX_BYTES - used));
  }
}

static int element(const uint8_t *p, int is_signed) {
  return is_signed ? (int8_t) *p : *p;
}

static void dot_bytes(int c, int a, int b, int a_signed, int b_signed) {
  const int columns = common_columns(c, a, b);
  for (int m = 0; m < tiles.shape[c].rows; m++) {
    uint32_t sums[MAX_BYTES / 4]; /* overflow wraps around */
    memcpy(sums, tiles.data[c][m], MAX_BYTES);
    for (int k = 0; k < columns; k++) {
      for (int n = 0; n < tiles.shape[c].bytes / 4; n++) {
        for (int i = 0; i < 4; i++) {
          const int x = element(&tiles.data[a][m][4 * k + i], a_signed);
          sums[n] += (uint32_t) (x * element(&tiles.data[b][k][4 * n + i], b_signed));
        }
      }
    }
    memcpy(tiles.data[c][m], sums, MAX_BYTES);
  }
  zero_rest(c);
}

static float bf16_at(const uint8_t *p) {
  const uint32_t bits = (uint32_t) p[0] << 16 | (uint32_t) p[1] << 24;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Even and odd columns are summed apart, by fused multiply-adds; their sum is added to C. */
static void dot_bf16(int c, int a, int b) {
  const int columns = common_columns(c, a, b);
  const unsigned control = _mm_getcsr();
  _mm_setcsr(0x1f80 | 0x8040); /* round to nearest; denormals are zero, and flushed */
  for (int m = 0; m < tiles.shape[c].rows; m++) {
    float sums[MAX_BYTES / 4], pairs[2][MAX_BYTES / 4] = {{0}};
    memcpy(sums, tiles.data[c][m], MAX_BYTES);
    for (int k = 0; k < columns; k++) {
      for (int odd = 0; odd < 2; odd++) {
        const float x = bf16_at(&tiles.data[a][m][4 * k + 2 * odd]);
        for (int n = 0; n < tiles.shape[c].bytes / 4; n++) {
          pairs[odd][n] = fmaf(x, bf16_at(&tiles.data[b][k][4 * n + 2 * odd]), pairs[odd][n]);
        }
      }
    }
    for (int n = 0; n < tiles.shape[c].bytes / 4; n++) {
      sums[n] += pairs[0][n] + pairs[1][n];
    }
    memcpy(tiles.data[c][m], sums, MAX_BYTES);
  }
  _mm_setcsr(control);
  zero_rest(c);
}

/* ---- instructions ---- */

static int64_t general_register(const ucontext_t *u, int number) {
  static const int names[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  return u->uc_mcontext.gregs[names[number]];
}

/* Reads the address after the ModRM byte at p; vex1 has the inverted high bits of its registers. */
static void read_address(struct instruction *i, const uint8_t *p, const ucontext_t *u, uint8_t vex1) {
  const int mod = p[0] >> 6, low = p[0] & 7, x = !(vex1 & 0x40) << 3, b = !(vex1 & 0x20) << 3;
  int64_t base = 0, displacement = 0;
  int base_low = low, relative = 0;
  i->has_index = low == 4;
  p++;
  if (i->has_index) {
    const int index = (p[0] >> 3 & 7) | x;
    i->index = index == 4 ? 0 : (int64_t) ((uint64_t) general_register(u, index) << (p[0] >> 6));
    base_low = p[0] & 7;
    p++;
  }
  if (base_low == 5 && mod == 0) {
    relative = !i->has_index;
  } else {
    base = general_register(u, base_low | b);
  }
  if (mod == 1) {
    displacement = (int8_t) *p++;
  } else if (mod == 2 || (base_low == 5 && mod == 0)) {
    int32_t d;
    memcpy(&d, p, sizeof d);
    displacement = d;
    p += sizeof d;
  }
  i->end = p;
  i->base = (uint8_t *) (uintptr_t) (base + displacement + (relative ? (int64_t) (uintptr_t) p : 0));
}

/* Whether there is an instruction of this form at p. */
static int read_instruction(struct instruction *i, const uint8_t *p, const ucontext_t *u) {
  if (p[0] != 0xc4 || (p[1] & 0x1f) != 2 || (p[2] & 0x84) != 0) {
    return 0;
  }
  *i = (struct instruction){.prefix = p[2] & 3, .opcode = p[3], .vvvv = ~(p[2] >> 3) & 15,
                            .reg = (p[4] >> 3 & 7) | !(p[1] & 0x80) << 3,
                            .rm = (p[4] & 7) | !(p[1] & 0x20) << 3, .is_memory = p[4] >> 6 != 3,
                            .end = p + 5};
  if (i->is_memory) {
    read_address(i, p + 4, u, p[1]);
  }
  return 1;
}

/* Carries the instruction out; 0 if it is none of AMX. */
static int execute(const struct instruction *i) {
  enum { NONE, P66, PF3, PF2 };
  const int c = i->reg, a = i->rm, b = i->vvvv;
  switch (i->opcode << 4 | i->prefix << 1 | i->is_memory) {
    case 0x49 << 4 | NONE << 1 | 1: load_config(i->base + i->index); return 1;
    case 0x49 << 4 | NONE << 1 | 0: tile_release(); return 1;
    case 0x49 << 4 | P66 << 1 | 1: store_config(i->base + i->index); return 1;
    case 0x49 << 4 | PF2 << 1 | 0: tile_zero(c); return 1;
    case 0x4b << 4 | PF2 << 1 | 1: tile_load(c, i); return 1;
    case 0x4b << 4 | PF3 << 1 | 1: tile_store(c, i); return 1;
    case 0x5e << 4 | PF2 << 1 | 0: dot_bytes(c, a, b, 1, 1); return 1;
    case 0x5e << 4 | PF3 << 1 | 0: dot_bytes(c, a, b, 1, 0); return 1;
    case 0x5e << 4 | P66 << 1 | 0: dot_bytes(c, a, b, 0, 1); return 1;
    case 0x5e << 4 | NONE << 1 | 0: dot_bytes(c, a, b, 0, 0); return 1;
    case 0x5c << 4 | PF3 << 1 | 0: dot_bf16(c, a, b); return 1;
    default: return 0;
  }
}

static struct sigaction before;

static void on_illegal_instruction(int signal, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  struct instruction i;
  if (read_instruction(&i, (const uint8_t *) u->uc_mcontext.gregs[REG_RIP], u) && execute(&i)) {
    u->uc_mcontext.gregs[REG_RIP] = (greg_t) (uintptr_t) i.end;
  } else if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    require(0, "an illegal instruction that is none of AMX");
  }
}

void krafla_emulate_tiles(void) {
  struct sigaction action = {.sa_sigaction = on_illegal_instruction, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGILL, &action, &before);
}
