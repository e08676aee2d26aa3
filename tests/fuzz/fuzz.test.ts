import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusOf, DEFAULT_INPUTS, fuzz } from "./fuzz.ts";
import { targets } from "./targets/targets.ts";

/** The same inputs in every run; longer runs with other ones: npm run fuzz. */
const SEED = 1;

for (const target of targets) {
  test(`${target.name} keeps what it promises, whatever it reads`, async () => {
    const inputs = target.inputs ?? DEFAULT_INPUTS;
    assert.equal(await fuzz(target, SEED), target.seeds.length + corpusOf(target).length + inputs);
  });
}
