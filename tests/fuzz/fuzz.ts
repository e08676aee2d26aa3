import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutate } from "./mutate.ts";
import { createRandom } from "./random.ts";
import type { FuzzTarget } from "./target.ts";

const CORPUS = new URL("corpus", import.meta.url).pathname;
export const DEFAULT_INPUTS = 1_000;
const DEFAULT_MAX_BYTES = 16 * 1024;
/** Inputs that are kept to be changed further, besides the seeds. */
const POOL = 200;

/** What an input did to a parser. */
export class FuzzFailure extends Error {
  override name = "FuzzFailure";

  constructor(target: FuzzTarget, input: Buffer, cause: unknown) {
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    super(`${target.name} failed on ${JSON.stringify(input.subarray(0, 400).toString("latin1"))}\n${reason}`, {
      cause,
    });
  }
}

/** The inputs that once were trouble for a target, by file. */
export function corpusOf({ name }: FuzzTarget): Buffer[] {
  const folder = join(CORPUS, name);
  return existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file))) : [];
}

/** Feeds seeds, corpus, and mutations of both. Rejects with a FuzzFailure, whose input is then in the corpus. */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  inputs = target.inputs ?? DEFAULT_INPUTS,
): Promise<number> {
  const random = createRandom(seed);
  const seeds = [...target.seeds.map((text) => Buffer.from(text as string)), ...corpusOf(target)];
  const words = target.words.map((text) => Buffer.from(text as string));
  for (const input of seeds) await feed(target, input);
  const pool = [...seeds];
  for (let count = 0; count < inputs; count++) {
    const input = mutate(random.pick(pool), random.pick(pool), words, random, target.maxBytes ?? DEFAULT_MAX_BYTES);
    await feed(target, input);
    if (pool.length < seeds.length + POOL) pool.push(input);
    else pool[seeds.length + random.below(POOL)] = input;
  }
  return seeds.length + inputs;
}

async function feed(target: FuzzTarget, input: Buffer): Promise<void> {
  try {
    await target.run(input);
  } catch (error) {
    const folder = join(CORPUS, target.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16)), input);
    throw new FuzzFailure(target, input, error);
  }
}
