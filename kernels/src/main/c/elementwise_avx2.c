#include "simd_avx2.h"
#include "simd_math.h"

#include "elementwise.h"
