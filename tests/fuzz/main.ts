import { parseArgs } from "node:util";
import { DEFAULT_INPUTS, fuzz, FuzzFailure } from "./fuzz.ts";
import type { FuzzTarget } from "./target.ts";
import { targets } from "./targets/targets.ts";

/**
 * npm run fuzz -- [TARGET...] [--inputs=N] [--seed=N] [--rounds=N]: longer runs than those of the tests. An input that makes a parser
 * fail goes to tests/fuzz/corpus, where the tests find it from then on.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string", default: "20000" },
    seed: { type: "string", default: String(process.pid) },
    rounds: { type: "string", default: "1" },
  },
});
const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0)
  throw new Error(`no such target: ${unknown.join(", ")}; there are ${targets.map(({ name }) => name).join(", ")}`);

const chosen = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (let round = 0; round < Number(values.rounds); round++)
  for (const target of chosen) await run(target, Number(values.seed) + round);

async function run(target: FuzzTarget, seed: number): Promise<void> {
  const scale = (target.inputs ?? DEFAULT_INPUTS) / DEFAULT_INPUTS;
  try {
    const count = await fuzz(target, seed, Math.ceil(Number(values.inputs) * scale));
    console.log(`${target.name}: ${count} inputs, seed ${seed}`);
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
