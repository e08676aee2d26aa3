import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBody } from "./check-body.ts";
import type { Shape } from "./shapes.ts";

const SHAPE: Shape = {
  fields: {
    name: "string",
    count: "int32",
    flag: "bool",
    labels: "stringMap",
    status: "ignored",
    volumes: "unsupported",
    items: { list: { fields: { port: "int32" } } },
  },
};

test("known fields pass; null and ignored ones are left out; numbers may be text", () => {
  const body = { name: "a", count: "3", flag: true, labels: { a: "b" }, status: { x: 1 }, volumes: [], items: null };
  assert.deepEqual(checkBody(SHAPE, body, "service"), { name: "a", count: 3, flag: true, labels: { a: "b" } });
});

test("unknown names and wrong types are told all at once, in Google's words", () => {
  assert.throws(() => checkBody(SHAPE, { nmae: "a", count: 1.5, items: [{ prot: 1 }] }, "service"), {
    message: [
      `Invalid JSON payload received. Unknown name "nmae" at 'service': Cannot find field.`,
      `Invalid value at 'service.count' (TYPE_INT32), 1.5`,
      `Invalid JSON payload received. Unknown name "prot" at 'service.items[0]': Cannot find field.`,
    ].join("\n"),
  });
});

test("unsupported fields are refused by name, unless empty", () => {
  assert.throws(() => checkBody(SHAPE, { volumes: [{}] }, "service"), {
    message: "The field volumes is not supported by homerun.",
  });
});
