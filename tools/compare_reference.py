#!/usr/bin/env python3
"""Compares Krafla with PyTorch on a real GGUF model, teacher-forced over a text.

The GGUF's weights are dequantised to float32 and run by transformers' own model class; Krafla runs
the same file. Prints one JSON line: mean KL(reference || krafla) in nats, share of positions with
the same most likely token, greatest difference of a logit, both perplexities.

    mvn -q test-compile
    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch transformers gguf
    /tmp/venv/bin/python tools/compare_reference.py MODEL.gguf --tier scalar --kv F32
"""

import argparse
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import torch
import transformers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TEXT = os.path.join(ROOT, "models/src/test/resources/corpus/mixed.txt")

# Canonical name of a layer's tensor -> transformers' name.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
LLAMA_NORMS = {"ffn_norm": "post_attention_layernorm"}
GEMMA_NORMS = {
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}


def metadata(reader):
    return {k: f.contents() for k, f in reader.fields.items() if not k.startswith("tokenizer.")}


def config(meta, vocab):
    arch = meta["general.architecture"]
    get = lambda key, default=None: meta.get(f"{arch}.{key}", default)
    heads = get("attention.head_count")
    common = dict(
        vocab_size=vocab,
        hidden_size=get("embedding_length"),
        intermediate_size=get("feed_forward_length"),
        num_hidden_layers=get("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=get("attention.head_count_kv", heads),
        head_dim=get("attention.key_length", get("embedding_length") // heads),
        max_position_embeddings=get("context_length"),
        rms_norm_eps=get("attention.layer_norm_rms_epsilon"),
        tie_word_embeddings=True,
    )
    base = get("rope.freq_base", 10000.0)
    plain = {"rope_type": "default", "rope_theta": base}
    if arch == "gemma3":
        local = {"rope_type": "default", "rope_theta": 10000.0}
        return transformers.Gemma3TextConfig(
            **common,
            sliding_window=get("attention.sliding_window"),
            query_pre_attn_scalar=get("attention.key_length"),
            rope_parameters={"full_attention": plain, "sliding_attention": local},
        )
    kinds = {
        "llama": transformers.LlamaConfig,
        "qwen2": transformers.Qwen2Config,
        "qwen3": transformers.Qwen3Config,
    }
    return kinds[arch](**common, rope_parameters=plain)


def unpermute(weight, heads):
    """GGUF stores llama's q and k with rotary pairs side by side; transformers half a head apart."""
    rows, cols = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, cols).swapaxes(1, 2).reshape(rows, cols)


def state_dict(reader, meta, cfg):
    arch = meta["general.architecture"]
    norms = GEMMA_NORMS if arch == "gemma3" else LLAMA_NORMS
    state = {}
    for t in reader.tensors:
        w = gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32)
        w = w.reshape([int(d) for d in reversed(t.shape)])
        parts = t.name.split(".")
        if arch == "gemma3" and "norm" in t.name:
            w = w - 1
        if arch == "llama" and ".attn_q." in t.name:
            w = unpermute(w, cfg.num_attention_heads)
        if arch == "llama" and ".attn_k." in t.name:
            w = unpermute(w, cfg.num_key_value_heads)
        if parts[0] == "blk":
            name = f"model.layers.{parts[1]}.{({**LAYER, **norms})[parts[2]]}.{parts[3]}"
        else:
            name = {
                "token_embd.weight": "model.embed_tokens.weight",
                "output_norm.weight": "model.norm.weight",
                "output.weight": "lm_head.weight",
                "rope_freqs.weight": None,
            }[t.name]
        if name:
            state[name] = torch.from_numpy(np.ascontiguousarray(w))
    state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
    return state


def reference_model(path):
    reader = gguf.GGUFReader(path)
    meta = metadata(reader)
    vocab = next(int(t.shape[1]) for t in reader.tensors if t.name == "token_embd.weight")
    cfg = config(meta, vocab)
    if any(t.name == "output.weight" for t in reader.tensors):
        cfg.tie_word_embeddings = False
    model = transformers.AutoModelForCausalLM.from_config(cfg, attn_implementation="eager").float()
    missing, unexpected = model.load_state_dict(state_dict(reader, meta, cfg), strict=False)
    assert not unexpected and not [m for m in missing if "rotary" not in m], (missing, unexpected)
    return model.eval()


def tokens(path, text, limit):
    folder, name = os.path.split(os.path.abspath(path))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name)
    ids = tokenizer(open(text, encoding="utf-8").read())["input_ids"]
    return np.array(ids[:limit], dtype="<i4")


def reference_logits(path, ids, cache):
    """Kept on disk under the model's and tokens' digest: every tier is compared with the same run."""
    key = hashlib.sha256(open(path, "rb").read() + ids.tobytes()).hexdigest()[:16]
    saved = os.path.join(cache, f"reference-{key}.npy")
    if not os.path.exists(saved):
        model = reference_model(path)
        with torch.no_grad():
            logits = model(torch.from_numpy(ids.astype(np.int64))[None]).logits[0]
        np.save(saved, logits.numpy())
    return np.load(saved, mmap_mode="r")


def krafla_logits(args, ids, folder):
    token_file = os.path.join(folder, "tokens")
    out = os.path.join(folder, "logits")
    ids.tofile(token_file)
    jars = glob.glob(os.path.expanduser("~/.m2/repository/tools/jackson/**/*.jar"), recursive=True)
    classes = [f"{ROOT}/{m}" for m in ("kernels/target/classes", "models/target/classes",
                                       "models/target/test-classes")]
    java = os.path.join(os.environ["JAVA_HOME"], "bin/java")
    subprocess.run(
        [java, "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
         "-Xmx2g", "-cp", ":".join(classes + jars), "dev.krafla.models.LogitsDump",
         args.model, args.tier, args.kv, str(args.chunk), token_file, out],
        check=True, stdout=sys.stderr)
    return np.memmap(out, dtype="<f4", mode="r").reshape(len(ids), -1)


def log_softmax(rows):
    rows = rows.astype(np.float64)
    top = rows.max(axis=-1, keepdims=True)
    return rows - top - np.log(np.exp(rows - top).sum(axis=-1, keepdims=True))


def compare(reference, ours, ids):
    kl, same, worst, nll = [], [], 0.0, np.zeros(2)
    for first in range(0, len(ids), 64):
        a, b = reference[first:first + 64], ours[first:first + 64]
        p, q = log_softmax(a), log_softmax(b)
        kl += list((np.exp(p) * (p - q)).sum(axis=-1))
        same += list(a.argmax(axis=-1) == b.argmax(axis=-1))
        worst = max(worst, float(np.abs(a - b).max()))
        following = ids[first + 1:first + 1 + len(a)]
        rows = np.arange(len(following))
        nll += [-p[rows, following].sum(), -q[rows, following].sum()]
    perplexity = np.exp(nll / (len(ids) - 1))
    return dict(tokens=len(ids), mean_kl=float(np.mean(kl)), max_kl=float(np.max(kl)),
                top1=float(np.mean(same)), max_logit_difference=worst,
                perplexity_reference=float(perplexity[0]), perplexity_krafla=float(perplexity[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("--tier", default="scalar")
    parser.add_argument("--kv", default="F32", choices=["F32", "F16", "BF16", "Q8"])
    parser.add_argument("--chunk", type=int, default=256, help="rows a step")
    parser.add_argument("--limit", type=int, default=4096, help="most tokens")
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--cache", default=tempfile.gettempdir(), help="for reference logits")
    args = parser.parse_args()
    ids = tokens(args.model, args.text, args.limit)
    reference = reference_logits(args.model, ids, args.cache)
    with tempfile.TemporaryDirectory() as folder:
        result = compare(reference, krafla_logits(args, ids, folder), ids)
    print(json.dumps(dict(model=os.path.basename(args.model), tier=args.tier, kv=args.kv,
                          chunk=args.chunk, **result)))


if __name__ == "__main__":
    main()
