#include "simd_neon.h"
#include "simd_math.h"

#include "attention.h"
