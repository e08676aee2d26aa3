import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { formatJavaTruststore } from "./java-truststore.ts";

const pem = (content: string): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(content).toString("base64")}\n-----END CERTIFICATE-----\n`;

test("a bundle becomes a keystore with an entry for each certificate and the checksum that Java looks for", () => {
  const store = formatJavaTruststore(`# comment\n${pem("first")}${pem("second")}`);
  assert.equal(store.readUInt32BE(0), 0xfeedfeed);
  assert.equal(store.readUInt32BE(4), 2);
  assert.equal(store.readUInt32BE(8), 2);
  for (const text of ["certificate-0", "first", "certificate-1", "second"]) assert.ok(store.includes(text), text);
  const password = Buffer.from("changeit", "utf16le").swap16();
  const sum = createHash("sha1").update(password).update("Mighty Aphrodite").update(store.subarray(0, -20)).digest();
  assert.deepEqual(store.subarray(-20), sum);
  assert.equal(formatJavaTruststore("").readUInt32BE(8), 0);
});
