import assert from "node:assert/strict";
import { test } from "node:test";
import { lineSplitter } from "./line-splitter.ts";

function split(chunks: readonly Buffer[], maxBytes?: number): { lines: string[]; flushed: string[] } {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line), maxBytes);
  for (const chunk of chunks) splitter.push(chunk);
  const complete = lines.splice(0);
  splitter.flush();
  return { lines: complete, flushed: lines };
}

test("lines come whole however their bytes are cut, characters of several bytes too", () => {
  const bytes = Buffer.from("first\nzwölf Boxkämpfer 🥊\r\n\nlast");
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = [];
    for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
    assert.deepEqual(split(chunks), { lines: ["first", "zwölf Boxkämpfer 🥊", ""], flushed: ["last"] });
  }
});

test("a line over the limit is cut between characters and nothing is lost", () => {
  const { lines, flushed } = split([Buffer.from("äöü".repeat(5)), Buffer.from("\nend")], 7);
  assert.ok(lines.every((line) => Buffer.byteLength(line) <= 7 && !line.includes("\ufffd")));
  assert.equal(lines.join(""), "äöü".repeat(5));
  assert.deepEqual(flushed, ["end"]);
});

test("a line of exactly the limit is one line", () => {
  assert.deepEqual(split([Buffer.from("1234567\n")], 7), { lines: ["1234567"], flushed: [] });
});

test("bytes that are no UTF-8 are cut at the limit", () => {
  assert.equal(split([Buffer.alloc(20, 0x80)], 8).lines.length, 2);
});
