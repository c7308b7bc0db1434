#!/usr/bin/env python3
"""Writes a GGUF file with the shape of a real model and random weights, to measure speed with.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install gguf==0.19.0 numpy==2.4.6
    /tmp/venv/bin/python tools/make_shaped_gguf.py --shape qwen2-1.5b --type Q4_0 shape-q4_0.gguf

Types: Q4_0 and Q8_0 have every matrix in that type. Q4_K_M is the usual mixture: Q4_K, but Q6_K for
the embedding (which is the output head too), and for half of the layers' attn_v and ffn_down.

The codes are uniform and the scales chosen so that weights have a mean near 0 and a standard deviation
of about 0.02, which keeps activations finite. The text that such a model gives is noise. Its tokenizer
is valid and small: a byte-level BPE of 256 bytes and a few merges, filled up to the size of the real
vocabulary with tokens that no text leads to. Seeded: a second run writes the same file. A file that
is there already is kept, unless --force is given.
"""

import argparse
import os
from dataclasses import dataclass

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

SIGMA = 0.02  # standard deviation of the weights
CHUNK_BLOCKS = 1 << 18  # blocks made at a time: bounds the temporary memory
SEED = 20261124


@dataclass(frozen=True)
class Shape:
    """A model's hyperparameters, as its config.json has them."""

    architecture: str
    layers: int
    hidden: int
    ffn: int
    heads: int
    kv_heads: int
    vocab: int
    context: int
    rope_base: float
    norm_eps: float
    biases: bool  # of q, k and v


SHAPES = {
    # Qwen2.5-1.5B; tied embedding.
    "qwen2-1.5b": Shape("qwen2", 28, 1536, 8960, 12, 2, 151936, 32768, 1_000_000.0, 1e-6, True),
    # SmolLM2-135M; no K types, whose blocks its rows are no multiple of.
    "smollm2-135m": Shape("llama", 30, 576, 1536, 9, 3, 49152, 8192, 100_000.0, 1e-5, False),
    # For trying the script out.
    "qwen2-tiny": Shape("qwen2", 4, 512, 1024, 8, 2, 2048, 4096, 1_000_000.0, 1e-6, True),
}

FILE_TYPES = {
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_K_M": gguf.LlamaFileType.MOSTLY_Q4_K_M,
}


# ---- blocks (layouts: ggml-common.h) --------------------------------------------------------

UNIFORM_STD = {16: 4.61, 64: 18.47, 255: 73.6}  # of a uniform code of so many values


def half(values: np.ndarray) -> np.ndarray:
    """float16 bytes of values (n,), as (n, 2)."""
    return values.astype("<f2").view(np.uint8).reshape(-1, 2)


def jitter(rng: np.random.Generator, n: int, scale: float) -> np.ndarray:
    return scale * rng.uniform(0.5, 1.5, n).astype(np.float32)


def q4_0(rng: np.random.Generator, n: int) -> np.ndarray:
    """d, 16 bytes of nibbles; weight = d · (q − 8)."""
    d = half(jitter(rng, n, SIGMA / UNIFORM_STD[16]))
    return np.hstack([d, rng.integers(0, 256, (n, 16), dtype=np.uint8)])


def q8_0(rng: np.random.Generator, n: int) -> np.ndarray:
    """d, 32 int8; weight = d · q."""
    d = half(jitter(rng, n, SIGMA / UNIFORM_STD[255]))
    return np.hstack([d, rng.integers(-127, 128, (n, 32), dtype=np.int8).view(np.uint8)])


def q4_k(rng: np.random.Generator, n: int) -> np.ndarray:
    """d, dmin, 8 scales and 8 minima of 6 bits, 128 bytes of nibbles; weight = d·s·q − dmin·m.

    With m = s and dmin = 7.5 d the mean is 0.
    """
    s = rng.integers(32, 64, (n, 8), dtype=np.uint8)
    packed = np.empty((n, 12), dtype=np.uint8)
    low, high = s[:, :4], s[:, 4:]
    packed[:, 0:4] = low | (high >> 4) << 6  # scale j, and the upper bits of scale j + 4
    packed[:, 4:8] = low | (high >> 4) << 6  # minimum j, and the upper bits of minimum j + 4
    packed[:, 8:12] = (high & 15) | (high & 15) << 4  # lower bits of both
    d = jitter(rng, n, SIGMA / UNIFORM_STD[16] / 47.5)
    codes = rng.integers(0, 256, (n, 128), dtype=np.uint8)
    return np.hstack([half(d), half(7.5 * d), packed, codes])


def q6_k(rng: np.random.Generator, n: int) -> np.ndarray:
    """128 + 64 bytes of codes, 16 int8 scales, d; weight = d · s · (q − 32)."""
    codes = rng.integers(0, 256, (n, 192), dtype=np.uint8)
    s = rng.integers(32, 96, (n, 16), dtype=np.uint8)
    d = half(jitter(rng, n, SIGMA / UNIFORM_STD[64] / 63.5))
    return np.hstack([codes, s, d])


BLOCKS = {Type.Q4_0: q4_0, Type.Q8_0: q8_0, Type.Q4_K: q4_k, Type.Q6_K: q6_k}


def matrix(rng: np.random.Generator, kind: Type, rows: int, cols: int) -> np.ndarray:
    """A random matrix in blocks: (rows, bytes of a row)."""
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    if cols % elements:
        raise SystemExit(f"{cols} columns are not whole blocks of {kind.name} ({elements})")
    n = rows * cols // elements
    out = np.empty((n, size), dtype=np.uint8)
    for at in range(0, n, CHUNK_BLOCKS):
        count = min(CHUNK_BLOCKS, n - at)
        out[at : at + count] = BLOCKS[kind](rng, count)
    return out.reshape(rows, cols // elements * size)


# ---- tokenizer ------------------------------------------------------------------------------


def byte_symbols() -> list[str]:
    """The 256 symbols of byte-level BPE, by byte: printable ones stand for themselves (GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(b) if b in printable else chr(256 + others.index(b)) for b in range(256)]


MERGES = ["h e", "t he", "i n", "e r", "a n", "o n", "r e", "Ġ t", "Ġ a", "Ġt he"]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def add_tokenizer(writer: gguf.GGUFWriter, size: int) -> None:
    tokens = byte_symbols() + [merge.replace(" ", "") for merge in MERGES]
    types = [gguf.TokenType.NORMAL] * len(tokens)
    end = len(tokens)
    tokens += SPECIAL
    types += [gguf.TokenType.CONTROL] * len(SPECIAL)
    for i in range(len(tokens), size):
        tokens.append(f"<|unused_{i}|>")
        types.append(gguf.TokenType.NORMAL)  # UNUSED ones have no text: nothing to stream
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end + SPECIAL.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


# ---- model ----------------------------------------------------------------------------------


def more_bits(layer: int, layers: int) -> bool:
    """Which layers the mixture Q4_K_M gives Q6_K: the first and last eighth, and every third."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def kind_of(mixture: str, tensor: str, layer: int, layers: int) -> Type:
    if mixture != "Q4_K_M":
        return Type[mixture]
    better = tensor == "token_embd" or (
        tensor in ("attn_v", "ffn_down") and more_bits(layer, layers)
    )
    return Type.Q6_K if better else Type.Q4_K


def add_metadata(writer: gguf.GGUFWriter, name: str, shape: Shape, mixture: str) -> None:
    writer.add_name(f"{name} shape, random weights, {mixture}")
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.vocab)
    writer.add_file_type(FILE_TYPES[mixture])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def add_tensors(writer: gguf.GGUFWriter, shape: Shape, mixture: str) -> None:
    rng = np.random.default_rng(SEED)

    def weights(name: str, layer: int, rows: int, cols: int) -> None:
        kind = kind_of(mixture, name, layer, shape.layers)
        full = name if layer < 0 else f"blk.{layer}.{name}"
        writer.add_tensor(f"{full}.weight", matrix(rng, kind, rows, cols), raw_dtype=kind)

    def ones(name: str, size: int) -> None:
        writer.add_tensor(name, np.ones(size, dtype=np.float32))

    head_dim = shape.hidden // shape.heads
    widths = {
        "attn_q": shape.heads * head_dim,
        "attn_k": shape.kv_heads * head_dim,
        "attn_v": shape.kv_heads * head_dim,
    }
    weights("token_embd", -1, shape.vocab, shape.hidden)
    ones("output_norm.weight", shape.hidden)
    for layer in range(shape.layers):
        ones(f"blk.{layer}.attn_norm.weight", shape.hidden)
        for name, rows in widths.items():
            weights(name, layer, rows, shape.hidden)
            if shape.biases:
                bias = rng.normal(0, SIGMA, rows).astype(np.float32)
                writer.add_tensor(f"blk.{layer}.{name}.bias", bias)
        weights("attn_output", layer, shape.hidden, widths["attn_q"])
        ones(f"blk.{layer}.ffn_norm.weight", shape.hidden)
        weights("ffn_gate", layer, shape.ffn, shape.hidden)
        weights("ffn_up", layer, shape.ffn, shape.hidden)
        weights("ffn_down", layer, shape.hidden, shape.ffn)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shape", choices=SHAPES, default="qwen2-1.5b")
    parser.add_argument("--type", choices=FILE_TYPES, default="Q4_0")
    parser.add_argument("--force", action="store_true", help="write even if the file is there")
    parser.add_argument("file")
    options = parser.parse_args()
    if os.path.exists(options.file) and not options.force:
        print(f"{options.file} is there already")
        return
    shape = SHAPES[options.shape]
    part = options.file + ".part"
    writer = gguf.GGUFWriter(part, shape.architecture)
    add_metadata(writer, options.shape, shape, options.type)
    add_tokenizer(writer, shape.vocab)
    add_tensors(writer, shape, options.type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(part, options.file)  # whoever looks meanwhile never sees half a file
    print(f"{options.file}: {os.path.getsize(options.file):,} bytes")


if __name__ == "__main__":
    main()
