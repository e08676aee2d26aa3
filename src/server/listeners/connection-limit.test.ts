import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { createConnectionLimit } from "./connection-limit.ts";

test("an address outside this machine has a limit of its own, this machine has none", () => {
  const admits = createConnectionLimit(2);
  const from = (remoteAddress: string) => Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket;
  const first = from("10.1.2.3");
  assert.deepEqual([first, from("10.1.2.3"), from("10.1.2.3")].map(admits), [true, true, false]);
  assert.equal(admits(from("10.1.2.4")), true);
  assert.deepEqual(Array.from({ length: 4 }, () => from("127.0.0.1")).map(admits), [true, true, true, true]);
  first.emit("close");
  assert.deepEqual([from("10.1.2.3"), from("10.1.2.3")].map(admits), [true, false]);
});
