import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCelMatch } from "./cel-match.ts";

const paid = { type: "shop.order.v1.paid", source: "//shop/eu", team: "blue" };

test("expressions ask about the attributes of a message", () => {
  for (const expression of [
    'message.type == "shop.order.v1.paid"',
    'message.type.startsWith("shop.") && message.team in ["blue", "red"]',
    "has(message.team) && !has(message.color)",
    'message.source.matches("^//shop/[a-z]+$")',
    "true",
  ])
    assert.equal(compileCelMatch(expression)(paid), true, expression);
  for (const expression of ['message.type == "x"', "message.color == 'blue'", "message.team", "1 / 0 == 1"])
    assert.equal(compileCelMatch(expression)(paid), false, expression);
});

test("what does not parse is refused", () => {
  for (const expression of ["message.type ==", "(", `"${"x".repeat(5000)}" == ""`])
    assert.throws(() => compileCelMatch(expression), Error, expression);
});
