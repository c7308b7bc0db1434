#!/usr/bin/env python3
"""Makes tiny random models of every architecture and the logits transformers computes for them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch transformers
    /tmp/venv/bin/python tools/golden_models.py models/src/test/resources/golden/models

Each folder is a Hugging Face checkpoint (BF16, so that the weights are exact in 2 bytes) with
tokens.json, the input, and logits.f32, float32 logits of every position computed in float32.
The input is longer than every sliding window and original context here. Seeded: a second run with
the same versions of torch and transformers writes the same files.
"""

import json
import os
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, Gemma3TextConfig, LlamaConfig, MistralConfig
from transformers import Qwen2Config, Qwen3Config

TOKENS = 72
COMMON = dict(
    vocab_size=96,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=256,
    initializer_range=0.15,
    bos_token_id=1,
    eos_token_id=2,
)
PLAIN = {"rope_type": "default", "rope_theta": 10000.0}

MODELS = {
    # Llama 3's rope scaling, and a head of its own.
    "llama": LlamaConfig(
        **COMMON,
        tie_word_embeddings=False,
        rope_parameters={
            "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 32,
        },
    ),
    # A sliding window in every layer, heads that are not hidden/heads wide.
    "mistral": MistralConfig(
        **COMMON, head_dim=32, sliding_window=20, tie_word_embeddings=False, rope_parameters=PLAIN
    ),
    # Biases, a tied head, YaRN.
    "qwen2": Qwen2Config(
        **COMMON,
        tie_word_embeddings=True,
        rope_parameters={
            "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    ),
    # Norms of queries and keys, several shards.
    "qwen3": Qwen3Config(**COMMON, head_dim=32, tie_word_embeddings=False, rope_parameters=PLAIN),
    # Local and global layers with ropes of their own, linear scaling, a softcap.
    "gemma3": Gemma3TextConfig(
        **{**COMMON, "num_hidden_layers": 4, "num_key_value_heads": 1, "intermediate_size": 64},
        head_dim=32,
        query_pre_attn_scalar=48,
        sliding_window=20,
        layer_types=["sliding_attention", "full_attention"] * 2,
        final_logit_softcapping=12.0,
        rope_parameters={
            "full_attention": {"rope_type": "linear", "rope_theta": 1000000.0, "factor": 8.0},
            "sliding_attention": PLAIN,
        },
    ),
}


def randomise(model, generator):
    """Norms and biases start as ones and zeros, which would hide a missing one."""
    for name, p in model.named_parameters():
        if name.endswith("bias") or "norm" in name:
            p.add_(torch.randn(p.shape, generator=generator) * 0.3)


def main():
    out = sys.argv[1]
    for seed, (name, config) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(100 + seed)
        folder = os.path.join(out, name)
        with torch.no_grad():
            model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
            randomise(model, generator)
            model.to(torch.bfloat16).save_pretrained(
                folder, max_shard_size="100KB" if name == "qwen3" else "10MB"
            )
            # Loaded again: casting to BF16 and back would leave the rotary frequencies rounded.
            model = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, attn_implementation="eager"
            ).eval()
            tokens = torch.randint(3, config.vocab_size, (TOKENS,), generator=generator)
            logits = model(tokens[None]).logits[0]
        os.remove(os.path.join(folder, "generation_config.json"))
        with open(os.path.join(folder, "tokens.json"), "w") as f:
            json.dump(tokens.tolist(), f)
        logits.numpy().astype("<f4").tofile(os.path.join(folder, "logits.f32"))
        print(name, "logits", float(logits.abs().max()), "transformers", transformers.__version__)


if __name__ == "__main__":
    main()
