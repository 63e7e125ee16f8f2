// Renders formulas with KaTeX: one JSON request a line comes in, one JSON answer a line goes out.
import { createInterface } from "node:readline";
import katex from "katex";

for await (const line of createInterface({ input: process.stdin })) {
  const { formula, options } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ html: katex.renderToString(formula, options) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
