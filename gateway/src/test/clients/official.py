"""The official Python packages `openai` and `anthropic` against a gateway.

Usage: official.py URL KEY MODEL…   prints a line for each cell: NAME<TAB>ok, or NAME<TAB>what went wrong
"""

import sys

import anthropic
import openai

url, key, models = sys.argv[1], sys.argv[2], sys.argv[3:]
oai = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0, timeout=20)
ant = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20)
HELLO = "Hello from the provider."
THOUGHT = "A greeting will do."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
RESPONSES_TOOL = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}
MESSAGES_TOOL = {"name": "weather", "input_schema": SCHEMA}
ARGUMENTS = {"city": "Reykjavík"}


def user(text):
    return [{"role": "user", "content": text}]


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, call, word):
    try:
        call()
    except kind as e:
        check(word in str(e), f"the error does not say '{word}': {e}")
        return
    raise AssertionError(f"no {kind.__name__}")


# ---- openai: chat completions -------------------------------------------------------------------


def chat_text(model):
    a = oai.chat.completions.create(model=model, messages=user("hi"))
    check(a.choices[0].message.content == HELLO, a)
    check(a.choices[0].finish_reason == "stop", a)
    check(a.choices[0].message.reasoning_content == THOUGHT, a)
    check((a.usage.prompt_tokens, a.usage.completion_tokens) == (11, 7), a.usage)
    check(a.usage.prompt_tokens_details.cached_tokens == 4, a.usage)
    check(a.model == model or True, a)


def chat_text_stream(model):
    text, usage, finish = "", None, None
    for c in oai.chat.completions.create(
            model=model, messages=user("hi"), stream=True, stream_options={"include_usage": True}):
        usage = c.usage or usage
        for choice in c.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    check((text, finish) == (HELLO, "stop"), (text, finish))
    check((usage.prompt_tokens, usage.completion_tokens) == (11, 7), usage)


def chat_tools(model):
    a = oai.chat.completions.create(model=model, messages=user("hi"), tools=[CHAT_TOOL])
    call = a.choices[0].message.tool_calls[0]
    check(a.choices[0].finish_reason == "tool_calls", a)
    import json
    check((call.id, call.function.name) == ("call_1", "weather"), call)
    check(json.loads(call.function.arguments) == ARGUMENTS, call)
    b = oai.chat.completions.create(model=model, tools=[CHAT_TOOL], messages=user("hi") + [
        a.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "4 °C"}])
    check(b.choices[0].message.content == HELLO, b)


def chat_tools_stream(model):
    with oai.chat.completions.stream(
            model=model, messages=user("hi"), tools=[CHAT_TOOL]) as stream:
        for _ in stream:
            pass
        a = stream.get_final_completion()
    call = a.choices[0].message.tool_calls[0]
    import json
    check(json.loads(call.function.arguments) == ARGUMENTS, call)


def chat_error(model):
    raises(openai.RateLimitError,
           lambda: oai.chat.completions.create(model=model, messages=user("please fail")), "slow down")


def chat_error_stream(model):
    raises(openai.APIError,
           lambda: list(oai.chat.completions.create(
               model=model, messages=user("please break"), stream=True)), "fell over")


# ---- openai: responses --------------------------------------------------------------------------


def responses_text(model):
    a = oai.responses.create(model=model, input="hi", store=False)
    check(a.output_text == HELLO, a)
    check(a.status == "completed", a)
    check([i.type for i in a.output] == ["reasoning", "message"], a)
    check((a.usage.input_tokens, a.usage.output_tokens) == (11, 7), a.usage)


def responses_text_stream(model):
    text, numbers = "", []
    with oai.responses.stream(model=model, input="hi", store=False) as stream:
        for e in stream:
            numbers.append(e.sequence_number)
            if e.type == "response.output_text.delta":
                text += e.delta
        a = stream.get_final_response()
    check(text == HELLO and a.output_text == HELLO, (text, a))
    check(numbers == sorted(numbers), numbers)


def responses_tools(model):
    import json
    a = oai.responses.create(model=model, input=user("hi"), tools=[RESPONSES_TOOL], store=False)
    call = [i for i in a.output if i.type == "function_call"][0]
    check((call.call_id, call.name) == ("call_1", "weather"), call)
    check(json.loads(call.arguments) == ARGUMENTS, call)
    b = oai.responses.create(model=model, tools=[RESPONSES_TOOL], store=False, input=user("hi") + [
        {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
        {"type": "function_call_output", "call_id": call.call_id, "output": "4 °C"}])
    check(b.output_text == HELLO, b)


def responses_tools_stream(model):
    import json
    with oai.responses.stream(
            model=model, input=user("hi"), tools=[RESPONSES_TOOL], store=False) as stream:
        for _ in stream:
            pass
        a = stream.get_final_response()
    call = [i for i in a.output if i.type == "function_call"][0]
    check(json.loads(call.arguments) == ARGUMENTS, call)


def responses_error(model):
    raises(openai.RateLimitError,
           lambda: oai.responses.create(model=model, input="please fail", store=False), "slow down")


def responses_error_stream(model):
    def run():
        for e in oai.responses.create(model=model, input="please break", stream=True, store=False):
            if e.type == "response.failed":
                raise openai.APIError(e.response.error.message, None, body=None)
            if e.type == "error":
                raise openai.APIError(e.message, None, body=None)
    raises(openai.APIError, run, "fell over")


# ---- anthropic: messages ------------------------------------------------------------------------


def messages_text(model):
    a = ant.messages.create(model=model, max_tokens=100, messages=user("hi"))
    check([b.type for b in a.content] == ["thinking", "text"], a)
    check((a.content[0].thinking, a.content[1].text) == (THOUGHT, HELLO), a)
    check(a.stop_reason == "end_turn", a)
    check((a.usage.input_tokens, a.usage.cache_read_input_tokens, a.usage.output_tokens) == (7, 4, 7), a.usage)


def messages_text_stream(model):
    with ant.messages.stream(model=model, max_tokens=100, messages=user("hi")) as stream:
        text = "".join(stream.text_stream)
        a = stream.get_final_message()
    check(text == HELLO, text)
    check([b.type for b in a.content] == ["thinking", "text"], a)
    check((a.stop_reason, a.usage.output_tokens) == ("end_turn", 7), a)


def messages_tools(model):
    a = ant.messages.create(model=model, max_tokens=100, messages=user("hi"), tools=[MESSAGES_TOOL])
    call = [b for b in a.content if b.type == "tool_use"][0]
    check(a.stop_reason == "tool_use", a)
    check((call.id, call.name, call.input) == ("call_1", "weather", ARGUMENTS), call)
    b = ant.messages.create(model=model, max_tokens=100, tools=[MESSAGES_TOOL], messages=user("hi") + [
        {"role": "assistant", "content": a.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "4 °C"}]}])
    check(b.content[-1].text == HELLO, b)


def messages_tools_stream(model):
    with ant.messages.stream(
            model=model, max_tokens=100, messages=user("hi"), tools=[MESSAGES_TOOL]) as stream:
        a = stream.get_final_message()
    call = [b for b in a.content if b.type == "tool_use"][0]
    check(call.input == ARGUMENTS, call)


def messages_error(model):
    raises(anthropic.RateLimitError,
           lambda: ant.messages.create(model=model, max_tokens=100, messages=user("please fail")), "slow down")


def messages_error_stream(model):
    def run():
        with ant.messages.stream(model=model, max_tokens=100, messages=user("please break")) as stream:
            stream.get_final_message()
    raises(anthropic.APIError, run, "fell over")


# ---- what has one form only ---------------------------------------------------------------------


def models_list(model):
    ids = [m.id for m in oai.models.list()]
    check(model in ids, ids)


def completions_text(model):
    a = oai.completions.create(model=model, prompt="hi")
    check(a.choices[0].text == HELLO and a.usage.prompt_tokens == 11, a)


def completions_text_stream(model):
    text = "".join(c.choices[0].text for c in oai.completions.create(model=model, prompt="hi", stream=True)
                   if c.choices)
    check(text == HELLO, text)


def embeddings(model):
    a = oai.embeddings.create(model=model, input="hi", encoding_format="float")
    check(a.data[0].embedding == [0.25, -0.5], a)


def wrong_key(model):
    other = openai.OpenAI(base_url=url + "/v1", api_key="wrong", max_retries=0)
    raises(openai.AuthenticationError,
           lambda: other.chat.completions.create(model=model, messages=user("hi")), "key")
    another = anthropic.Anthropic(base_url=url, api_key="wrong", max_retries=0)
    raises(anthropic.AuthenticationError,
           lambda: another.messages.create(model=model, max_tokens=9, messages=user("hi")), "key")


def unknown_model(_):
    raises(openai.NotFoundError,
           lambda: oai.chat.completions.create(model="nobody", messages=user("hi")), "nobody")
    raises(anthropic.NotFoundError,
           lambda: ant.messages.create(model="nobody", max_tokens=9, messages=user("hi")), "nobody")


EVERYWHERE = [
    chat_text, chat_text_stream, chat_tools, chat_tools_stream, chat_error, chat_error_stream,
    responses_text, responses_text_stream, responses_tools, responses_tools_stream, responses_error,
    responses_error_stream, messages_text, messages_text_stream, messages_tools, messages_tools_stream,
    messages_error, messages_error_stream]
ONCE = [models_list, completions_text, completions_text_stream, embeddings, wrong_key, unknown_model]


def run(name, cell, model):
    try:
        cell(model)
        print(f"{name}\tok", flush=True)
    except Exception as e:  # noqa: BLE001 - every way of going wrong is a result here
        print(f"{name}\t{type(e).__name__}: {str(e)[:600]}".replace("\n", " "), flush=True)


for m in models:
    for c in EVERYWHERE:
        run(f"{c.__name__} {m}", c, m)
for c in ONCE:
    run(c.__name__, c, models[0])
