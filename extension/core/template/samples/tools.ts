import type { JsonValue } from "../../dataset/conversation";

/** Tools as OpenAI's interface and `transformers` describe them. */
export const WEATHER_TOOL: JsonValue = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Tells the weather of a city.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "The city's name." },
        unit: { type: "string", enum: ["celsius", "fahrenheit"], description: "The unit of the temperature." },
      },
      required: ["city"],
    },
  },
};

export const MULTIPLY_TOOL: JsonValue = {
  type: "function",
  function: {
    name: "multiply",
    description: "Multiplies two numbers.",
    parameters: {
      type: "object",
      properties: { a: { type: "number", description: "The first factor." }, b: { type: "number", description: "The second factor." } },
      required: ["a", "b"],
    },
  },
};
