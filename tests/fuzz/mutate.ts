import type { Random } from "./random.ts";

type Mutation = (input: Buffer, other: Buffer, words: readonly Buffer[], random: Random) => Buffer;

/** Bytes that parsers trip over. */
const AWKWARD = [0, 9, 10, 13, 32, 34, 37, 39, 40, 41, 44, 45, 46, 47, 58, 59, 61, 91, 92, 93, 123, 125, 127, 128, 255];
const MAX_REPEATS = 30_000;

const MUTATIONS: readonly Mutation[] = [
  (input, _, __, random) => withByte(input, random.below(input.length + 1), random.below(256)),
  (input, _, __, random) => withByte(input, random.below(input.length + 1), random.pick(AWKWARD)),
  (input, _, words, random) => spliced(input, random.below(input.length + 1), 0, random.pick(words)),
  (input, _, words, random) => spliced(input, random.below(input.length + 1), random.below(8), random.pick(words)),
  (input, _, __, random) => spliced(input, random.below(input.length + 1), 1 + random.below(8), Buffer.alloc(0)),
  (input, other, _, random) => Buffer.concat([head(input, random), tail(other, random)]),
  (input, _, __, random) => head(input, random),
  (input, _, words, random) => {
    const word = random.pick(words);
    const many = Buffer.alloc(word.length * (1 + random.below(MAX_REPEATS)), word);
    return spliced(input, random.below(input.length + 1), 0, many);
  },
  (input, _, __, random) => {
    const part = tail(head(input, random), random);
    return spliced(input, random.below(input.length + 1), 0, part);
  },
];

/** A few changes to `input`, parts of `other` and words of the language among them; at most `maxBytes`. */
export function mutate(
  input: Buffer,
  other: Buffer,
  words: readonly Buffer[],
  random: Random,
  maxBytes: number,
): Buffer {
  let mutated = input;
  for (let left = 1 + random.below(4); left > 0; left--)
    mutated = random.pick(MUTATIONS)(mutated, other, words, random);
  return mutated.subarray(0, maxBytes);
}

function withByte(input: Buffer, position: number, byte: number): Buffer {
  return spliced(input, position, 1, Buffer.from([byte]));
}

function spliced(input: Buffer, position: number, removed: number, inserted: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, position), inserted, input.subarray(position + removed)]);
}

function head(input: Buffer, random: Random): Buffer {
  return input.subarray(0, random.below(input.length + 1));
}

function tail(input: Buffer, random: Random): Buffer {
  return input.subarray(random.below(input.length + 1));
}
