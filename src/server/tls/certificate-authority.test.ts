import assert from "node:assert/strict";
import { mkdtempDisposableSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";

test("an authority stays the same, and is made anew when its making was cut off", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "authority-"));
  const first = await openCertificateAuthority(temp.path, systemClock);
  assert.equal(statSync(join(temp.path, "ca-key.pem")).mode & 0o777, 0o600);
  const again = await openCertificateAuthority(temp.path, systemClock);
  assert.equal(again.certificatePem, first.certificatePem);
  // The key is written before the certificate.
  rmSync(join(temp.path, "ca.pem"));
  const anew = await openCertificateAuthority(temp.path, systemClock);
  assert.notEqual(anew.certificatePem, first.certificatePem);
  await anew.secureContext("storage.googleapis.com");
});

test("certificates are kept for the names used last, not for every name that is asked for", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "authority-"));
  const authority = await openCertificateAuthority(temp.path, systemClock);
  const [often, once] = [
    authority.secureContext("often.googleapis.com"),
    authority.secureContext("once.googleapis.com"),
  ];
  for (let n = 0; n < 600; n++) {
    await authority.secureContext(`${n}.googleapis.com`);
    assert.equal(authority.secureContext("often.googleapis.com"), often);
  }
  assert.notEqual(authority.secureContext("once.googleapis.com"), once);
});
