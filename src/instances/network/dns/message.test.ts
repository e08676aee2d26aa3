import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMERR, formatAnswer, formatFailure, parseQuery, TYPE_A, TYPE_AAAA } from "./message.ts";

/** A query as dig sends it: id 0x1234, recursion desired. */
function query(name: string, type: number, labelBytes = name.split(".").map((label) => label.length)): Buffer {
  const labels = name.split(".").map((label, index) => Buffer.from([labelBytes[index]!, ...Buffer.from(label)]));
  const header = Buffer.from("123401000001000000000000", "hex");
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

test("reads the question of a query", () => {
  const message = query("Storage.GoogleAPIs.com", TYPE_AAAA);
  assert.deepEqual(parseQuery(message), { name: "storage.googleapis.com", type: TYPE_AAAA, end: message.length });
});

test("answers with the addresses of the type asked for", () => {
  const asked = query("a.example", TYPE_A);
  const answer = formatAnswer(asked, parseQuery(asked)!, ["10.1.2.3", "fd00::1"]);
  const expected = "123481800001000100000000" + asked.toString("hex", 12) + "c00c000100010000003c00040a010203";
  assert.equal(answer.toString("hex"), expected);
  const asked6 = query("a.example", TYPE_AAAA);
  const answer6 = formatAnswer(asked6, parseQuery(asked6)!, ["10.1.2.3", "fd00::1:2"]);
  assert.equal(answer6.toString("hex", answer6.length - 16), "fd000000000000000000000000010002");
  const none = formatAnswer(asked6, parseQuery(asked6)!, ["10.1.2.3"]);
  assert.equal(none.toString("hex"), "123481800001000000000000" + asked6.toString("hex", 12));
});

test("does not trip over bad messages", () => {
  const good = query("a.example", TYPE_A);
  for (let length = 0; length < good.length; length++) assert.equal(parseQuery(good.subarray(0, length)), undefined);
  assert.equal(parseQuery(query("a.example", TYPE_A, [0xc0, 7])), undefined, "a compressed name");
  assert.equal(parseQuery(query("a.example", TYPE_A, [1, 63])), undefined, "a label beyond the end");
  const long = Array.from({ length: 40 }, () => "abcdefgh").join(".");
  assert.equal(parseQuery(query(long, TYPE_A)), undefined, "a name of more than 255 bytes");
  const response = Buffer.from(good);
  response.writeUInt16BE(0x8100, 2);
  assert.equal(parseQuery(response), undefined);
  assert.equal(formatFailure(response, FORMERR), undefined, "an answer gets no answer");
  assert.equal(formatFailure(good.subarray(0, 11), FORMERR), undefined);
  assert.equal(formatFailure(good.subarray(0, 14), FORMERR)!.toString("hex"), "123481810000000000000000");
});
