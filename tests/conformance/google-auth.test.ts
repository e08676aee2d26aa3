import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { verify } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { iam } from "../../src/services/iam/module.ts";
import { iamcredentials } from "../../src/services/iamcredentials/module.ts";
import { oauth2 } from "../../src/services/oauth2/module.ts";
import { type BootedApi, bootApi } from "../support/boot-api.ts";
import { grantRoles } from "../support/grant-roles.ts";

const SOURCE = "source@demo.iam.gserviceaccount.com";
const TARGET = "target@demo.iam.gserviceaccount.com";

describe("google-auth-library, with homerun as its proxy", () => {
  let api: BootedApi;
  let answers: Record<string, Record<string, unknown>>;

  before(async () => {
    api = await bootApi((deps) => [iam(deps), oauth2(deps), iamcredentials(deps)]);
    for (const accountId of ["source", "target"]) {
      await api.json("POST", "/v1/projects/demo/serviceAccounts", { accountId });
    }
    await grantRoles(api, "demo", SOURCE, "roles/iam.serviceAccountViewer", "roles/iam.serviceAccountTokenCreator");
    const { body } = await api.json("POST", `/v1/projects/-/serviceAccounts/${SOURCE}/keys`, {});
    const keyFile = join(api.dataDir, "key.json");
    await writeFile(keyFile, Buffer.from(body["privateKeyData"] as string, "base64"));
    answers = await runClient(keyFile);
  });
  after(() => api[Symbol.asyncDispose]());

  async function runClient(keyFile: string): Promise<typeof answers> {
    const script = join(import.meta.dirname, "google-auth-client.ts");
    const env = {
      ...process.env,
      HTTPS_PROXY: api.url,
      NO_PROXY: "",
      no_proxy: "",
      NODE_EXTRA_CA_CERTS: join(api.dataDir, "tls", "ca.pem"),
    };
    const { stdout } = await promisify(execFile)(process.execPath, [script, keyFile, TARGET], { env });
    return JSON.parse(stdout) as typeof answers;
  }

  test("a key gives an access token that APIs take, and an ID token that verifies against Google's address of the keys", () => {
    assert.equal(answers["email"], SOURCE);
    assert.deepEqual(answers["scopes"], ["https://www.googleapis.com/auth/cloud-platform", "email"]);
    const { iss, aud, email, email_verified: verified } = answers["payload"]!;
    assert.deepEqual(
      { iss, aud, email, verified },
      { iss: "https://accounts.google.com", aud: "https://hello.example", email: SOURCE, verified: true },
    );
    const emails = (answers["listed"]!["accounts"] as { email: string }[]).map((account) => account.email);
    assert.ok(emails.includes(TARGET));
  });

  test("a JWT that the key signs for an API is taken by it without a token endpoint", () => {
    assert.deepEqual(answers["bySelfSigned"], answers["listed"]);
  });

  test("impersonation gives tokens of the target, and signatures that its public keys verify", async () => {
    assert.equal((answers["targetInfo"] as { email: string }).email, TARGET);
    assert.equal(answers["targetPayload"]!["email"], TARGET);
    assert.equal(answers["targetPayload"]!["azp"], TARGET);
    const { keyId, signedBlob } = answers["signed"] as { keyId: string; signedBlob: string };
    const { body: certificates } = await api.json("GET", `/service_accounts/v1/metadata/x509/${TARGET}`);
    assert.ok(verify("sha256", Buffer.from("text"), String(certificates[keyId]), Buffer.from(signedBlob, "base64")));
  });
});
