import { MULTIPLY_TOOL, WEATHER_TOOL } from "./tools";
import type { SampleConversation } from "./sample";

const singleTurn: SampleConversation = {
  id: "single-turn",
  title: "Single turn",
  description: "One question and its answer.",
  messages: [
    { role: "user", content: "What is the capital of Norway?" },
    { role: "assistant", content: "Oslo." },
  ],
  addGenerationPrompt: false,
};

const question: SampleConversation = {
  id: "question",
  title: "Question to answer",
  description: "A question, and the generation prompt after it.",
  messages: [{ role: "user", content: "What is the capital of Norway?" }],
  addGenerationPrompt: true,
};

const multiTurn: SampleConversation = {
  id: "multi-turn",
  title: "Multi turn",
  description: "Three questions and their answers, with line breaks, code and characters beyond ASCII.",
  messages: [
    { role: "user", content: "How do I sum a list in Python?" },
    { role: "assistant", content: "Use `sum`:\n\n```python\ntotal = sum([1, 2, 3])\n```" },
    { role: "user", content: "And the mean?" },
    { role: "assistant", content: "Divide by the length:\n\n```python\nmean = sum(xs) / len(xs)\n```" },
    { role: "user", content: "Merci! Und wie heißt das auf Deutsch? 🙂" },
    { role: "assistant", content: "Der Mittelwert, x̄ = (x₁ + … + xₙ) / n." },
  ],
  addGenerationPrompt: false,
};

const system: SampleConversation = {
  id: "system",
  title: "System message",
  description: "Instructions of the system before a question and its answer.",
  messages: [
    { role: "system", content: "You answer in one short sentence." },
    { role: "user", content: "Why is the sky blue?" },
    { role: "assistant", content: "Air scatters blue light more than red." },
  ],
  addGenerationPrompt: false,
};

const tools: SampleConversation = {
  id: "tools",
  title: "Tools",
  description: "A tool that is called, its result, and the answer made of it.",
  messages: [
    { role: "system", content: "Use tools where they help." },
    { role: "user", content: "How warm is it in Bergen?" },
    {
      role: "assistant",
      content: "",
      tool_calls: [
        // Nine letters and digits, as Mistral's templates want them.
        { id: "wEa7h3r01", type: "function", function: { name: "get_weather", arguments: { city: "Bergen", unit: "celsius" } } },
      ],
    },
    { role: "tool", name: "get_weather", tool_call_id: "wEa7h3r01", content: '{"temperature": 9, "sky": "rain"}' },
    { role: "assistant", content: "It is 9 °C and raining." },
  ],
  tools: [WEATHER_TOOL],
  addGenerationPrompt: false,
};

const parallelTools: SampleConversation = {
  id: "parallel-tools",
  title: "Parallel tool calls",
  description: "Two tools called in one turn, their results, and the generation prompt.",
  messages: [
    { role: "user", content: "How warm is it in Bergen, and what is 6 times 7?" },
    {
      role: "assistant",
      content: "",
      tool_calls: [
        { id: "wEa7h3r01", type: "function", function: { name: "get_weather", arguments: { city: "Bergen", unit: "celsius" } } },
        { id: "mUl7ip1y2", type: "function", function: { name: "multiply", arguments: { a: 6, b: 7 } } },
      ],
    },
    { role: "tool", name: "get_weather", tool_call_id: "wEa7h3r01", content: '{"temperature": 9, "sky": "rain"}' },
    { role: "tool", name: "multiply", tool_call_id: "mUl7ip1y2", content: "42" },
  ],
  tools: [WEATHER_TOOL, MULTIPLY_TOOL],
  addGenerationPrompt: true,
};

const thinking: SampleConversation = {
  id: "thinking",
  title: "Thinking",
  description: "Answers with reasoning in a field of its own, thinking switched on.",
  messages: [
    { role: "user", content: "Is 91 prime?" },
    { role: "assistant", reasoning_content: "91 = 7 × 13, so it has divisors.", content: "No: 91 = 7 × 13." },
    { role: "user", content: "And 97?" },
    { role: "assistant", reasoning_content: "Not divisible by 2, 3, 5 or 7, and 11² > 97.", content: "Yes, 97 is prime." },
  ],
  addGenerationPrompt: false,
  variables: { enable_thinking: true },
};

const thinkingInText: SampleConversation = {
  id: "thinking-in-text",
  title: "Thinking inside the text",
  description: "Answers with a <think> block in their content, as many datasets have them.",
  messages: [
    { role: "user", content: "Is 91 prime?" },
    { role: "assistant", content: "<think>\n91 = 7 × 13, so it has divisors.\n</think>\n\nNo: 91 = 7 × 13." },
    { role: "user", content: "And 97?" },
    { role: "assistant", content: "<think>\nNot divisible by 2, 3, 5 or 7, and 11² > 97.\n</think>\n\nYes, 97 is prime." },
  ],
  addGenerationPrompt: false,
};

const parts: SampleConversation = {
  id: "parts",
  title: "Content in parts",
  description: "Content as a list of parts, with an image.",
  messages: [
    { role: "user", content: [{ type: "image" }, { type: "text", text: "What does this sign say?" }] },
    { role: "assistant", content: [{ type: "text", text: "It says “Mind the step”." }] },
  ],
  addGenerationPrompt: false,
};

const documents: SampleConversation = {
  id: "documents",
  title: "Documents",
  description: "A question about documents that are given with it.",
  messages: [{ role: "user", content: "When does the museum open?" }],
  documents: [
    { title: "Visit", text: "The museum is open from 10 to 17 o'clock, on Thursdays until 20 o'clock." },
    { title: "Tickets", text: "Tickets are sold at the entrance." },
  ],
  addGenerationPrompt: true,
};

const edgeCases: SampleConversation = {
  id: "edge-cases",
  title: "Edge cases",
  description: "An empty system message, white space around texts, quotes, and text that looks like markup.",
  messages: [
    { role: "system", content: "" },
    { role: "user", content: '  Print "<b>{{ name }}</b>" & \'done\'.\n' },
    { role: "assistant", content: "\n<b>{{ name }}</b>\tdone  " },
  ],
  addGenerationPrompt: false,
};

/** The conversations that come with the product, in the order in which they are offered. */
export const SAMPLES: readonly [SampleConversation, ...SampleConversation[]] = [
  multiTurn, singleTurn, question, system, tools, parallelTools, thinking, thinkingInText, parts, documents, edgeCases,
];

/** The sample with that id; the first one where there is none, as a stored id may be of another version. */
export function sampleById(id: string | undefined): SampleConversation {
  return SAMPLES.find((sample) => sample.id === id) ?? SAMPLES[0];
}
