import assert from "node:assert/strict";
import { test } from "node:test";
import { readMultipart } from "./multipart.ts";

const MIXED = "binary\r\n--not\n--the boundary\0\xff";

async function* inPieces(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function bodyWith(newline: string, content: string): Buffer {
  const lines = [
    "--=B=",
    "Content-Type: application/json",
    "MIME-Version: 1.0",
    "",
    '{"name":"x"}',
    "--=B=",
    "Content-Type: text/plain",
    "Content-Transfer-Encoding: binary",
    "",
    content,
    "--=B=--",
  ];
  return Buffer.from(lines.join(newline), "latin1");
}

for (const [what, newline, contentType] of [
  ["bare LF and single quotes, as gcloud sends it", "\n", "multipart/related; boundary='=B='"],
  ["CRLF and double quotes", "\r\n", 'multipart/related; boundary="=B="'],
  ["CRLF and no quotes", "\r\n", "multipart/related; boundary==B=; charset=x"],
] as const) {
  test(`a multipart body with ${what} is read whatever the pieces it comes in`, async () => {
    for (const content of [MIXED, "", `ends in a newline${newline}`]) {
      for (const size of [1, 7, 10_000]) {
        const parts = await readMultipart(contentType, inPieces(bodyWith(newline, content), size));
        assert.equal(parts.metadata, '{"name":"x"}');
        assert.equal(parts.contentType, "text/plain");
        const bytes = Buffer.concat(await Array.fromAsync(parts.content));
        assert.equal(bytes.toString("latin1"), content);
      }
    }
  });
}

test("a multipart body that breaks off is refused, not stored short", async () => {
  const cut = bodyWith("\n", "some content").subarray(0, -10);
  const parts = await readMultipart("multipart/related; boundary='=B='", inPieces(cut, 5));
  await assert.rejects(Array.fromAsync(parts.content), /Malformed multipart body/);
  await assert.rejects(readMultipart("multipart/related", inPieces(cut, 5)), /Missing boundary/);
  await assert.rejects(readMultipart("multipart/related; boundary=other", inPieces(cut, 5)), /Malformed/);
});
