import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Function, Function_State as State } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { invalidArgument } from "../../wire/errors.ts";

/** What functions can be ordered by, in snake_case. */
const KEYS: Readonly<Record<string, (fn: Function) => string | number>> = {
  name: (fn) => fn.name,
  state: (fn) => State[fn.state],
  create_time: (fn) => (fn.createTime ? timestampMs(fn.createTime) : 0),
  update_time: (fn) => (fn.updateTime ? timestampMs(fn.updateTime) : 0),
  "build_config.runtime": (fn) => fn.buildConfig?.runtime ?? "",
};

/** What a function is sorted by, its name last: a place in the order that stays when the function is gone. */
export type SortKey = readonly (string | number)[];

/** An order of functions. */
export interface Order {
  keyOf(fn: Function): SortKey;
  compare(a: SortKey, b: SortKey): number;
}

/** The order that `order_by` asks for ("update_time desc, name"), by name in the end. Google: AIP-132. */
export function parseOrder(orderBy: string): Order {
  const asked = orderBy
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(parsePart);
  const parts = [...asked, { key: (fn: Function) => fn.name, sign: 1 }];
  return {
    keyOf: (fn) => parts.map(({ key }) => key(fn)),
    compare(a, b) {
      const differences = parts.map(({ sign }, index) => compareValues(a[index] ?? "", b[index] ?? "") * sign);
      return differences.find((difference) => difference !== 0) ?? 0;
    },
  };
}

function parsePart(part: string) {
  const match = /^([A-Za-z_.]+)(?:\s+(asc|desc))?$/i.exec(part);
  const field = match?.[1]?.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const key = field && KEYS[field];
  if (!key) {
    const description = `Invalid order_by: '${part}'.`;
    throw invalidArgument(description, [{ field: "order_by", description }]);
  }
  return { key, sign: match?.[2]?.toLowerCase() === "desc" ? -1 : 1 };
}

function compareValues(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}
