#!/usr/bin/env python3
"""Writes kernels/src/test/resources/golden/blocks/TYPE.bin: random weight blocks and what they mean.

Each file: int32 n, the bytes of n elements of the type, n float32 as the `gguf` package
dequantises them, and for types with a quantiser 256 float32 and their quantised bytes.

    pip install gguf==0.19.0 && python3 tools/golden_blocks.py
"""

import pathlib
import struct

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize, quantize

OUT = pathlib.Path(__file__).parent.parent / "kernels/src/test/resources/golden/blocks"
# Byte offsets of the half-precision scales in a block: random bits there could be NaN or infinite.
HALVES = {
    "F16": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}
QUANTISED = ["BF16", "F16", "Q4_0", "Q8_0"]
ELEMENTS = 1024


def random_blocks(rng, name, block_bytes, blocks):
    raw = rng.integers(0, 256, (blocks, block_bytes), dtype=np.uint8)
    for at in HALVES.get(name, []):
        halves = rng.normal(0, 1, blocks) * 10.0 ** rng.integers(-7, 3, blocks)  # subnormal ones too
        raw[:, at : at + 2] = halves.astype(np.float16).view(np.uint8).reshape(blocks, 2)
    if name in ("F32", "BF16"):
        raw[:] = rng.normal(0, 1, blocks).astype(np.float32).view(np.uint8).reshape(blocks, 4)[:, -block_bytes:]
    return raw


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name in ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0",
                 "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "MXFP4"]:
        qtype = GGMLQuantizationType[name]
        rng = np.random.default_rng(qtype.value)
        size, block_bytes = GGML_QUANT_SIZES[qtype]
        raw = random_blocks(rng, name, block_bytes, ELEMENTS // size)
        if name == "MXFP4":
            raw[:4, 0] = [0, 1, 2, 254]  # subnormal scales and the largest
        with np.errstate(over="ignore"):
            values = dequantize(raw.reshape(-1), qtype).astype(np.float32).reshape(-1)
        assert values.size == ELEMENTS and not np.isnan(values).any(), name
        data = struct.pack("<i", ELEMENTS) + raw.tobytes() + values.tobytes()
        if name in QUANTISED:
            floats = (rng.normal(0, 1, 256) * 10.0 ** np.repeat(rng.integers(-4, 3, 8), 32)).astype(np.float32)
            floats[32:64] = 0
            data += floats.tobytes() + quantize(floats, qtype).tobytes()
        (OUT / f"{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
