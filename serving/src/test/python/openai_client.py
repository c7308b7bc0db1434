"""The worker seen by the official `openai` Python package. Usage: openai_client.py BASE_URL MODEL CHECK"""

import json
import sys

import openai

base_url, model, check = sys.argv[1:4]
client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
QUESTION = [{"role": "user", "content": "Say hello in one short sentence."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "enum": ["Oslo", "Rome"]},
                "unit": {"type": "string", "enum": ["C", "F"]},
            },
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}


def chat():
    answer = client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0, max_tokens=24, logprobs=True, top_logprobs=2)
    choice = answer.choices[0]
    assert choice.message.role == "assistant" and choice.message.content, answer
    assert choice.finish_reason in ("stop", "length"), answer
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert len(choice.logprobs.content) == answer.usage.completion_tokens, answer
    assert len(choice.logprobs.content[0].top_logprobs) == 2, answer
    again = client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0.9, seed=7, max_tokens=16, n=2)
    twice = client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0.9, seed=7, max_tokens=16, n=2)
    assert [c.message.content for c in again.choices] == [c.message.content for c in twice.choices]


def streaming():
    whole = client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0, max_tokens=24)
    stream = client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0, max_tokens=24, stream=True,
        stream_options={"include_usage": True})
    text, usage, reasons = "", None, []
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert text == whole.choices[0].message.content, (text, whole)
    assert usage.completion_tokens == whole.usage.completion_tokens, usage
    assert reasons == [whole.choices[0].finish_reason], reasons


def tools():
    messages = [{"role": "user", "content": "What is the weather in Rome?"}]
    named = {"type": "function", "function": {"name": "get_weather"}}
    for choice in (named, "required"):
        answer = client.chat.completions.create(
            model=model, messages=messages, tools=[WEATHER], tool_choice=choice, temperature=0)
        call = answer.choices[0].message.tool_calls[0]
        arguments = json.loads(call.function.arguments)
        assert call.function.name == "get_weather" and call.id, answer
        assert arguments["city"] in ("Oslo", "Rome") and arguments["unit"] in ("C", "F"), answer
        streamed = ""
        with client.chat.completions.stream(
                model=model, messages=messages, tools=[WEATHER], tool_choice=choice,
                temperature=0) as stream:
            for _ in stream:
                pass
            final = stream.get_final_completion().choices[0]
        streamed = final.message.tool_calls[0].function
        assert streamed.name == "get_weather", final
        assert json.loads(streamed.arguments) == arguments, (streamed, arguments)
    messages += [
        answer.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "21 C and sunny"},
    ]
    after = client.chat.completions.create(
        model=model, messages=messages, tools=[WEATHER], temperature=0, max_tokens=24)
    assert after.choices[0].finish_reason in ("stop", "length", "tool_calls"), after


def written_tools():
    """The model is scripted: it thinks, says a sentence and calls get_weather for two cities."""
    messages = [{"role": "user", "content": "The weather in Rome and Oslo?"}]
    request = dict(model=model, messages=messages, tools=[WEATHER], temperature=0)
    wanted = [{"city": "Rome", "unit": "C"}, {"city": "Oslo", "unit": "C"}]
    whole = client.chat.completions.create(**request).choices[0]
    assert whole.finish_reason == "tool_calls", whole
    assert whole.message.content == "I look both up.", whole
    assert whole.message.reasoning_content == "Two cities.", whole
    assert [json.loads(c.function.arguments) for c in whole.message.tool_calls] == wanted, whole

    calls, text, reasoning, pieces = {}, "", "", 0
    for chunk in client.chat.completions.create(**request, stream=True):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasoning += getattr(choice.delta, "reasoning_content", None) or ""
            for piece in choice.delta.tool_calls or []:
                call = calls.setdefault(piece.index, {"id": piece.id, "name": piece.function.name, "arguments": ""})
                call["arguments"] += piece.function.arguments or ""
                pieces += 1
    assert [json.loads(calls[i]["arguments"]) for i in (0, 1)] == wanted, calls
    assert all(c["id"] and c["name"] == "get_weather" for c in calls.values()), calls
    assert (text, reasoning) == (whole.message.content, whole.message.reasoning_content), text
    assert pieces > 10, "the arguments came in one piece"

    done = []
    with client.chat.completions.stream(**request) as stream:
        for event in stream:
            if event.type == "tool_calls.function.arguments.done":
                done.append((event.index, event.name, event.parsed_arguments))
        final = stream.get_final_completion().choices[0]
    assert done == [(i, "get_weather", wanted[i]) for i in (0, 1)], done
    assert [c.function.parsed_arguments for c in final.message.tool_calls] == wanted, final
    assert final.finish_reason == "tool_calls", final

    none = client.chat.completions.create(**request, tool_choice="none").choices[0]
    assert none.message.tool_calls is None and none.finish_reason == "stop", none
    one = client.chat.completions.create(**request, parallel_tool_calls=False).choices[0]
    assert len(one.message.tool_calls) == 1, one

    messages.append(whole.message.model_dump(exclude_none=True))
    messages += [{"role": "tool", "tool_call_id": c.id, "content": "21 C"} for c in whole.message.tool_calls]
    after = client.chat.completions.create(**request)
    assert after.usage.prompt_tokens > 100, after


def json_schema():
    from typing import Annotated, Literal

    from pydantic import BaseModel, Field

    class Person(BaseModel):  # every field is bounded: an answer of any model comes to its end
        name: Annotated[str, Field(pattern="^[A-Z][a-z]{1,12}$")]
        age: Annotated[int, Field(ge=0, le=150)]
        tags: Annotated[list[Literal["engineer", "writer", "poet"]], Field(min_length=1, max_length=2)]

    answer = client.chat.completions.parse(
        model=model, temperature=0, max_tokens=400, response_format=Person,
        messages=[{"role": "user", "content": "Describe Ada, 36, with at most two short tags."}])
    assert answer.choices[0].finish_reason == "stop", answer
    assert isinstance(answer.choices[0].message.parsed, Person), answer
    plain = client.chat.completions.create(
        model=model, temperature=0, max_tokens=64, messages=QUESTION,
        extra_body={"structured_outputs": {"regex": "(yes|no), [0-9]{3}"}})
    assert plain.choices[0].message.content.split(", ")[0] in ("yes", "no"), plain


def errors():
    try:
        client.embeddings.create(model=model, input="Hello")
        raise AssertionError("embeddings of a chat model were not refused")
    except openai.BadRequestError as e:
        assert "embedding" in e.message and e.param == "model", e
    try:
        client.chat.completions.create(model="nobody", messages=QUESTION)
        raise AssertionError("an unknown model was served")
    except openai.NotFoundError as e:
        assert e.code == "model_not_found", e
    try:
        client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "word " * 200_000}])
        raise AssertionError("a prompt that does not fit was taken")
    except openai.BadRequestError as e:
        assert e.code == "context_length_exceeded", e
    try:
        client.chat.completions.create(model=model, messages=QUESTION, temperature=-1)
        raise AssertionError("a temperature below zero was taken")
    except openai.BadRequestError as e:
        assert e.param == "temperature", e
    assert [m.id for m in client.models.list().data] == [model]


def completions():
    answer = client.completions.create(
        model=model, prompt=["One, two,", "Once upon a"], max_tokens=8, temperature=0, echo=True)
    assert answer.choices[0].text.startswith("One, two,"), answer
    assert answer.choices[1].text.startswith("Once upon a"), answer
    text = "".join(
        chunk.choices[0].text
        for chunk in client.completions.create(
            model=model, prompt="One, two,", max_tokens=8, temperature=0, stream=True)
        if chunk.choices)
    assert "One, two," + text == answer.choices[0].text, (text, answer)


{f.__name__: f for f in (chat, streaming, tools, written_tools, json_schema, errors, completions)}[check]()
