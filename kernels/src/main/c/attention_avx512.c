#include "simd_avx512.h"
#include "simd_math.h"

#include "attention.h"
