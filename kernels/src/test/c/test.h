/*
 * Tests of the C kernels of one instruction set, -DISA=avx2 or another, against plain C in double
 * precision: what runs where there is no JVM to run the Java tests in, under an emulator for example.
 */
#ifndef KRAFLA_TEST_H
#define KRAFLA_TEST_H

#include "../../main/c/krafla.h"
#include "../../main/c/krafla_attention.h"

#include <stddef.h>
#include <stdint.h>

#define JOIN_(name, isa) krafla_##name##_##isa
#define JOIN(name, isa) JOIN_(name, isa)
#define KERNEL(name) JOIN(name, ISA)
#define TEXT_(isa) #isa
#define TEXT(isa) TEXT_(isa)
#define ISA_NAME TEXT(ISA)

/* ---- the kernels, as quantize.h, matmul.h, attention.h and elementwise.h define them ---- */

void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols, int64_t from,
                      int64_t to, int32_t precisions);
void KERNEL(matmul)(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols,
                    int64_t group_from, int64_t group_to, const void *x, int64_t tokens,
                    int64_t token_from, int64_t token_to, float *out, int64_t out_stride);
int64_t KERNEL(attention_scratch)(int32_t queries, int32_t head_dim);
void KERNEL(attention)(const struct krafla_attention *a, const int32_t *rows, int32_t n_rows,
                       int32_t sequence, int32_t kv_head, int32_t chunk_from, int32_t chunk_to,
                       int32_t partial, float *scratch);
void KERNEL(attention_merge)(const struct krafla_attention *a, int32_t row, int32_t head_from,
                             int32_t head_to, float *scratch);
void KERNEL(write_kv)(const struct krafla_attention *a, const int32_t *slots, int32_t row_from,
                      int32_t row_to, int32_t key_column, int32_t value_column);
void KERNEL(rms_norm)(float *out, const float *x, const float *weight, int32_t row_from,
                      int32_t row_to, int32_t out_cols, int32_t x_cols, int32_t column,
                      int32_t vectors, int32_t n, float eps);
void KERNEL(rope)(float *x, const int32_t *positions, const float *cosine, const float *sine,
                  int32_t row_from, int32_t row_to, int32_t cols, int32_t column, int32_t heads,
                  int32_t head_dim, int32_t pairs, int32_t interleaved);
void KERNEL(gate)(float *out, const float *gate_up, int32_t row_from, int32_t row_to,
                  int32_t out_cols, int32_t n, int32_t is_gelu);
void KERNEL(add)(float *x, const float *y, int32_t row_from, int32_t row_to, int32_t x_cols,
                 int32_t y_cols, int32_t column, int32_t n);
void KERNEL(softcap)(float *x, int64_t n, float cap);

/* ---- test.c ---- */

/* Random numbers that are the same on every machine. */
void seed(uint64_t value);
uint64_t random_bits(void);
int random_below(int n);
float random_float(void); /* in [-1, 1) */
void fill_random(float *x, int64_t n);

/*
 * Memory that ends where a page begins that may not be touched, so that reading or writing beyond it
 * ends the test. Freed all at once by free_all.
 */
void *allocate(int64_t bytes);
void free_all(void);

/* From now on a kernel that touches such a page is reported as the failure it is. */
void report_foreign_memory(void);

/* Fails the test unless |actual - expected| <= tolerance; `what` and arguments say which value. */
void check_close(double actual, double expected, double tolerance, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
void check_same_bits(const float *actual, const float *expected, int64_t n, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
void check(int holds, const char *what, ...) __attribute__((format(printf, 2, 3)));

/* Adds results to the digest of the section; sections end with a line that has it. */
void digest(const void *data, int64_t bytes);
void section_done(const char *format, ...) __attribute__((format(printf, 1, 2)));
int checks_failed(void);

/* ---- the tests ---- */

void test_matmul(void);
void test_attention(void);
void test_elementwise(void);

#endif
