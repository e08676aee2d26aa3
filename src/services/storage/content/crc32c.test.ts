import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32cFromBase64, crc32cToBase64 } from "./content-hash.ts";
import { crc32c } from "../../../platform/crc32c.ts";

test("CRC-32C is that of RFC 3720, appendix B.4, whole and in pieces of any length", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(ascending), 0x46dd794e);
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array()), 0);
  for (let cut = 0; cut <= 32; cut++) {
    assert.equal(crc32c(ascending.subarray(cut), crc32c(ascending.subarray(0, cut))), 0x46dd794e);
  }
});

test("CRC-32C travels as base64 of four bytes", () => {
  assert.equal(crc32cToBase64(0xe3069283), "4waSgw==");
  assert.equal(crc32cFromBase64("4waSgw=="), 0xe3069283);
  assert.equal(crc32cFromBase64("4waS"), undefined);
});
