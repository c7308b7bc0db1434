// The official Node packages `openai` and `@anthropic-ai/sdk` and the Vercel AI SDK against a gateway.
//
// Usage: clients.mjs URL KEY MODEL…   prints a line for each cell: NAME<TAB>ok, or NAME<TAB>the fault

import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { z } from 'zod';

const [url, key, ...models] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
const HELLO = 'Hello from the provider.';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const user = (content) => [{ role: 'user', content }];

function check(condition, what) {
  if (!condition) throw new Error(`not as expected: ${JSON.stringify(what)}`);
}

async function raises(kind, call, word) {
  try {
    await call();
  } catch (e) {
    check(e instanceof kind, { name: e?.name, message: e?.message });
    check(String(e.message).includes(word), e.message);
    return;
  }
  throw new Error(`no ${kind.name}`);
}

async function all(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

// ---- the official packages ----------------------------------------------------------------------

const chatTools = [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }];
const responsesTools = [{ type: 'function', name: 'weather', parameters: SCHEMA, strict: false }];
const messagesTools = [{ name: 'weather', input_schema: SCHEMA }];

const official = {
  async openai_chat_text(model) {
    const a = await openai.chat.completions.create({ model, messages: user('hi') });
    check(a.choices[0].message.content === HELLO && a.usage.prompt_tokens === 11, a);
  },
  async openai_chat_text_stream(model) {
    const runner = openai.chat.completions.stream({ model, messages: user('hi') });
    const a = await runner.finalChatCompletion();
    check(a.choices[0].message.content === HELLO && a.choices[0].finish_reason === 'stop', a);
  },
  async openai_chat_tools(model) {
    const a = await openai.chat.completions.create({ model, messages: user('hi'), tools: chatTools });
    const call = a.choices[0].message.tool_calls[0];
    check(JSON.parse(call.function.arguments).city === 'Reykjavík', call);
    const b = await openai.chat.completions.create({
      model,
      tools: chatTools,
      messages: [
        ...user('hi'),
        a.choices[0].message,
        { role: 'tool', tool_call_id: call.id, content: '4 °C' },
      ],
    });
    check(b.choices[0].message.content === HELLO, b);
  },
  async openai_chat_tools_stream(model) {
    const runner = openai.chat.completions.stream({ model, messages: user('hi'), tools: chatTools });
    const a = await runner.finalChatCompletion();
    const call = a.choices[0].message.tool_calls[0];
    check(JSON.parse(call.function.arguments).city === 'Reykjavík', call);
  },
  openai_chat_error: (model) =>
    raises(
      OpenAI.RateLimitError,
      () => openai.chat.completions.create({ model, messages: user('please fail') }),
      'slow down',
    ),
  openai_chat_error_stream: (model) =>
    raises(
      OpenAI.APIError,
      async () =>
        all(
          await openai.chat.completions.create({
            model,
            messages: user('please break'),
            stream: true,
          }),
        ),
      'fell over',
    ),
  async openai_responses_text(model) {
    const a = await openai.responses.create({ model, input: 'hi', store: false });
    check(a.output_text === HELLO && a.usage.output_tokens === 7, a);
  },
  async openai_responses_text_stream(model) {
    const stream = openai.responses.stream({ model, input: 'hi', store: false });
    const a = await stream.finalResponse();
    check(a.output_text === HELLO && a.status === 'completed', a);
  },
  async openai_responses_tools(model) {
    const a = await openai.responses.create({
      model,
      input: user('hi'),
      tools: responsesTools,
      store: false,
    });
    const call = a.output.find((i) => i.type === 'function_call');
    check(JSON.parse(call.arguments).city === 'Reykjavík', call);
    const b = await openai.responses.create({
      model,
      tools: responsesTools,
      store: false,
      input: [
        ...user('hi'),
        ...a.output,
        { type: 'function_call_output', call_id: call.call_id, output: '4 °C' },
      ],
    });
    check(b.output_text === HELLO, b);
  },
  async openai_responses_tools_stream(model) {
    const stream = openai.responses.stream({
      model,
      input: 'hi',
      tools: responsesTools,
      store: false,
    });
    const a = await stream.finalResponse();
    const call = a.output.find((i) => i.type === 'function_call');
    check(JSON.parse(call.arguments).city === 'Reykjavík', call);
  },
  openai_responses_error: (model) =>
    raises(
      OpenAI.RateLimitError,
      () => openai.responses.create({ model, input: 'please fail', store: false }),
      'slow down',
    ),
  openai_responses_error_stream: (model) =>
    raises(
      Error,
      async () => {
        const stream = await openai.responses.create({
          model,
          input: 'please break',
          stream: true,
          store: false,
        });
        for await (const e of stream) {
          if (e.type === 'error') throw new Error(e.message);
          if (e.type === 'response.failed') throw new Error(e.response.error.message);
        }
      },
      'fell over',
    ),
  async anthropic_text(model) {
    const a = await anthropic.messages.create({ model, max_tokens: 99, messages: user('hi') });
    check(a.content.at(-1).text === HELLO && a.usage.output_tokens === 7, a);
  },
  async anthropic_text_stream(model) {
    const a = await anthropic.messages
      .stream({ model, max_tokens: 99, messages: user('hi') })
      .finalMessage();
    check(a.content.at(-1).text === HELLO && a.stop_reason === 'end_turn', a);
  },
  async anthropic_tools(model) {
    const ask = { model, max_tokens: 99, tools: messagesTools };
    const a = await anthropic.messages.create({ ...ask, messages: user('hi') });
    const call = a.content.find((b) => b.type === 'tool_use');
    check(call.input.city === 'Reykjavík', call);
    const result = { type: 'tool_result', tool_use_id: call.id, content: '4 °C' };
    const b = await anthropic.messages.create({
      ...ask,
      messages: [
        ...user('hi'),
        { role: 'assistant', content: a.content },
        { role: 'user', content: [result] },
      ],
    });
    check(b.content.at(-1).text === HELLO, b);
  },
  async anthropic_tools_stream(model) {
    const a = await anthropic.messages
      .stream({ model, max_tokens: 99, messages: user('hi'), tools: messagesTools })
      .finalMessage();
    check(a.content.find((b) => b.type === 'tool_use').input.city === 'Reykjavík', a);
  },
  anthropic_error: (model) =>
    raises(
      Anthropic.RateLimitError,
      () => anthropic.messages.create({ model, max_tokens: 99, messages: user('please fail') }),
      'slow down',
    ),
  anthropic_error_stream: (model) =>
    raises(
      Anthropic.APIError,
      () =>
        anthropic.messages
          .stream({ model, max_tokens: 99, messages: user('please break') })
          .finalMessage(),
      'fell over',
    ),
};

// ---- the Vercel AI SDK --------------------------------------------------------------------------

const providers = {
  vercel_chat: createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat,
  vercel_responses: createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).responses,
  vercel_messages: createAnthropic({ baseURL: `${url}/v1`, apiKey: key }),
  vercel_compatible: createOpenAICompatible({
    name: 'krafla',
    baseURL: `${url}/v1`,
    apiKey: key,
    includeUsage: true,
  }),
};
const weather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
});
const quiet = { maxRetries: 0, onError: () => {} };

function vercel(make) {
  return {
    async text(model) {
      const a = await generateText({ model: make(model), prompt: 'hi', ...quiet });
      check(a.text === HELLO, a.text);
      check(a.usage.outputTokens === 7, a.usage);
    },
    async text_stream(model) {
      const a = streamText({ model: make(model), prompt: 'hi', ...quiet });
      check((await a.text) === HELLO, await a.text);
      check((await a.finishReason) === 'stop', await a.finishReason);
    },
    async tools(model) {
      const a = await generateText({
        model: make(model),
        prompt: 'hi',
        tools: { weather },
        ...quiet,
      });
      check(a.toolCalls[0].input.city === 'Reykjavík', a.toolCalls);
    },
    async tools_stream(model) {
      const a = streamText({ model: make(model), prompt: 'hi', tools: { weather }, ...quiet });
      check((await a.toolCalls)[0].input.city === 'Reykjavík', await a.toolCalls);
    },
    error: (model) =>
      raises(
        Error,
        () => generateText({ model: make(model), prompt: 'please fail', ...quiet }),
        'slow down',
      ),
    async error_stream(model) {
      const a = streamText({ model: make(model), prompt: 'please break', ...quiet });
      const errors = (await all(a.fullStream)).filter((p) => p.type === 'error');
      check(errors.length > 0, 'no error');
      check(JSON.stringify(errors.map((e) => e.error?.message ?? e.error)).includes('fell over'), errors);
    },
  };
}

// ---- all cells ----------------------------------------------------------------------------------

const cells = { ...official };
for (const [name, make] of Object.entries(providers)) {
  for (const [cell, run] of Object.entries(vercel(make))) cells[`${name}_${cell}`] = run;
}
for (const model of models) {
  for (const [name, run] of Object.entries(cells)) {
    try {
      await run(model);
      console.log(`${name} ${model}\tok`);
    } catch (e) {
      console.log(`${name} ${model}\t${e.name}: ${String(e.message).slice(0, 600)}`.replaceAll('\n', ' '));
    }
  }
}
process.exit(0);
