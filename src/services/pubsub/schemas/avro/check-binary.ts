import type { Type, types } from "avsc";
import { InvalidMessage } from "../compiled-schema.ts";
import { createByteReader, type ByteReader } from "./byte-reader.ts";

/** Reads one value of a type, and throws an InvalidMessage when there is none. */
type SkipValue = (reader: ByteReader) => void;

/**
 * What checks that bytes are exactly one value of an Avro type.
 * Google: avro.apache.org/docs/1.11.1/specification, "Binary Encoding".
 */
export function checkBinaryOf(type: Type): (data: Uint8Array) => void {
  const skip = skipOf(type, new Map());
  return (data) => {
    const reader = createByteReader(data);
    skip(reader);
    if (reader.left() > 0) throw new InvalidMessage("Too much data to parse for schema.");
  };
}

function skipOf(type: Type, known: Map<Type, SkipValue>): SkipValue {
  const already = known.get(type);
  if (already) return already;
  let skip: SkipValue | undefined;
  known.set(type, (reader) => skip!(reader));
  skip = make(type, (inner) => skipOf(inner, known));
  return skip;
}

function make(type: Type, skipOfType: (type: Type) => SkipValue): SkipValue {
  switch (type.typeName) {
    case "record":
    case "error": {
      const skips = (type as types.RecordType).fields.map((field) => skipOfType(field.type));
      return (reader) => skips.forEach((skip) => skip(reader));
    }
    case "array":
      return blocksOf(skipOfType((type as types.ArrayType).itemsType));
    case "map": {
      const skipValue = skipOfType((type as types.MapType).valuesType);
      return blocksOf((reader) => {
        skipText(reader);
        skipValue(reader);
      });
    }
    case "enum":
      return indexOf((type as types.EnumType).symbols.map(() => () => {}));
    case "union:wrapped":
    case "union:unwrapped":
      return indexOf((type as types.WrappedUnionType).types.map(skipOfType));
    case "fixed":
      return (reader) => void reader.take((type as types.FixedType).size);
    default:
      return PRIMITIVES[type.typeName]!;
  }
}

const PRIMITIVES: Readonly<Record<string, SkipValue>> = {
  null: () => {},
  boolean(reader) {
    if (reader.take(1)[0]! > 1) throw new InvalidMessage("A boolean is neither true nor false.");
  },
  int(reader) {
    const value = reader.takeLong();
    if (value !== BigInt.asIntN(32, value)) throw new InvalidMessage("An int has more than 32 bits.");
  },
  long: (reader) => void reader.takeLong(),
  float: (reader) => void reader.take(4),
  double: (reader) => void reader.take(8),
  string: skipText,
  bytes: (reader) => void reader.take(reader.takeCount()),
};

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function skipText(reader: ByteReader): void {
  const bytes = reader.take(reader.takeCount());
  try {
    UTF8.decode(bytes);
  } catch {
    throw new InvalidMessage("A string is not UTF-8.");
  }
}

function indexOf(branches: readonly SkipValue[]): SkipValue {
  return (reader) => {
    const skip = branches[Number(reader.takeLong())];
    if (!skip) throw new InvalidMessage("An index is out of range.");
    skip(reader);
  };
}

/** Arrays and maps: blocks of values, each behind its count, which is negative when the bytes' count follows. */
function blocksOf(skip: SkipValue): SkipValue {
  return (reader) => {
    for (let count = reader.takeLong(); count !== 0n; count = reader.takeLong()) {
      if (count < 0n) {
        count = -count;
        reader.takeCount();
      }
      const before = reader.left();
      skip(reader);
      // What takes no bytes would go on for as long as the count says.
      if (reader.left() === before) continue;
      for (let rest = count - 1n; rest > 0n; rest--) skip(reader);
    }
  };
}
