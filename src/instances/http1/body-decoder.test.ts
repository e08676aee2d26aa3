import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyDecoder } from "./body-decoder.ts";
import type { BodyLength } from "./framing.ts";

/** Decodes bytes that come in pieces of `size`; says what is left over. */
function decode(length: BodyLength, text: string, size: number) {
  const decoder = new BodyDecoder(length);
  let body = "";
  let taken = 0;
  const target = { data: (chunk: Buffer) => void (body += chunk.toString("latin1")) };
  for (let start = 0; start < text.length && !decoder.done && !decoder.bad; start += size) {
    taken += decoder.decode(Buffer.from(text.slice(start, start + size), "latin1"), 0, target);
  }
  return { decoder, body, left: text.slice(taken) };
}

const CHUNKED = '4\r\nWiki\r\n6;name="v"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX-Sum: 1\r\n\r\n';

test("bodies are decoded however they are cut, and nothing beyond them is taken", () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    const chunked = decode("chunked", `${CHUNKED}GET / HTTP/1.1`, size);
    assert.equal(chunked.body, "Wikipedia in \r\n\r\nchunks.");
    assert.deepEqual([chunked.decoder.done, chunked.decoder.trailers], [true, ["X-Sum", "1"]]);
    assert.equal(chunked.left, "GET / HTTP/1.1");
    const counted = decode(5, "12345GET", size);
    assert.deepEqual([counted.body, counted.decoder.done, counted.decoder.bytes], ["12345", true, 5]);
  }
  const open = decode("until-close", "abc", 2);
  assert.deepEqual([open.body, open.decoder.done, open.decoder.close()], ["abc", false, true]);
  assert.equal(decode(5, "123", 3).decoder.close(), false);
  assert.equal(decode("chunked", "4\r\nWi", 9).decoder.close(), false);
});

test("chunks that are none are bad", () => {
  const bad = [
    "x\r\n",
    "-1\r\n",
    "0x4\r\nWiki\r\n",
    "4 4\r\n",
    "\r\n",
    "4\nWiki\r\n",
    "4\rWiki\r\n",
    "4\r\nWikiX\r\n",
    "4\r\nWiki\n0\r\n\r\n",
    "4;a\nb\r\nWiki\r\n",
    "fffffffffffff\r\n",
    `4;${"x".repeat(2000)}\r\n`,
    "0\r\nX : 1\r\n\r\n",
    "0\r\n folded\r\n\r\n",
    `0\r\n${"X: 1\r\n".repeat(5000)}\r\n`,
  ];
  for (const text of bad)
    assert.equal(decode("chunked", text, 1000).decoder.bad, true, JSON.stringify(text.slice(0, 40)));
});
