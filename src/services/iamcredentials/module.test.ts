import assert from "node:assert/strict";
import { verify } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { createManualClock, type ManualClock } from "../../platform/manual-clock.ts";
import { subjectOf } from "../../wire/credentials/local-tokens.ts";
import type { ServiceAccount } from "../../wire/credentials/service-accounts/account.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import { iamcredentials } from "./module.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const EMAIL = "target@demo.iam.gserviceaccount.com";
const SCOPE = ["https://www.googleapis.com/auth/cloud-platform"];

describe("iamcredentials", () => {
  let api: BootedApi;
  let deps: ServiceDeps;
  let clock: ManualClock;

  before(async () => {
    clock = createManualClock();
    api = await bootApi(
      (given) => {
        deps = given;
        return [iamcredentials(given)];
      },
      { clock },
    );
    await save({ disabled: false });
    await save({ disabled: true }, "disabled@demo.iam.gserviceaccount.com");
  });
  after(() => api[Symbol.asyncDispose]());

  const save = (change: Pick<ServiceAccount, "disabled">, email = EMAIL) =>
    deps.store.transact((transaction) =>
      deps.serviceAccounts.save(transaction, {
        email,
        uniqueId: subjectOf(email),
        projectId: "demo",
        displayName: "",
        description: "",
        version: 0,
        ...change,
      }),
    );
  const call = (method: string, body: unknown, email = EMAIL) =>
    api.json("POST", `/v1/projects/-/serviceAccounts/${email}:${method}`, body);
  const errorOf = (body: Record<string, unknown>) => body["error"] as { status: string; message: string };

  test("an access token of the asked lifetime, found by e-mail address or unique id", async () => {
    for (const account of [EMAIL, subjectOf(EMAIL)]) {
      const { body } = await call("generateAccessToken", { scope: SCOPE, lifetime: "600s" }, account);
      assert.equal(Date.parse(body["expireTime"] as string), clock.nowMs() + 600_000);
      const owner = await deps.tokens.verifyAccessToken(body["accessToken"] as string);
      assert.deepEqual([owner?.email, owner?.scopes, owner?.expireTimeMs], [EMAIL, SCOPE, clock.nowMs() + 600_000]);
    }
    const { body } = await call("generateAccessToken", { scope: SCOPE });
    assert.equal(Date.parse(body["expireTime"] as string), clock.nowMs() + 3_600_000);
  });

  test("lifetimes, scopes and names out of range are INVALID_ARGUMENT", async () => {
    for (const lifetime of ["0s", "-1s", "3601s"]) {
      const error = errorOf((await call("generateAccessToken", { scope: SCOPE, lifetime })).body);
      assert.equal(error.status, "INVALID_ARGUMENT", lifetime);
      assert.match(error.message, /greater than 0 and at most 3600 seconds/);
    }
    assert.equal((await call("generateAccessToken", {})).status, 400);
    assert.equal((await call("generateAccessToken", { scope: ["a b"] })).status, 400);
    const byProject = await api.json("POST", `/v1/projects/demo/serviceAccounts/${EMAIL}:signBlob`, {
      payload: "AA==",
    });
    assert.match(errorOf(byProject.body).message, /must have the form projects\/-\/serviceAccounts/);
  });

  test("accounts and delegates must exist and be enabled", async () => {
    const missing = await call("generateAccessToken", { scope: SCOPE }, "nobody@demo.iam.gserviceaccount.com");
    assert.equal(missing.status, 404);
    assert.match(errorOf(missing.body).message, /^Not found; Gaia id not found for email nobody@/);
    const disabled = await call("signBlob", { payload: "AA==" }, "disabled@demo.iam.gserviceaccount.com");
    assert.equal(errorOf(disabled.body).status, "FAILED_PRECONDITION");
    const delegate = (email: string) => ({ scope: SCOPE, delegates: [`projects/-/serviceAccounts/${email}`] });
    assert.equal((await call("generateAccessToken", delegate("nobody@demo.iam.gserviceaccount.com"))).status, 404);
    assert.equal((await call("generateAccessToken", delegate(EMAIL))).status, 200);
  });

  test("ID tokens hold the e-mail address when asked to, and count for their account either way", async () => {
    const generate = async (body: object) =>
      (await call("generateIdToken", { audience: "https://hello.example", ...body })).body["token"] as string;
    const plain = await generate({});
    const { email, azp, sub } = decodeJwt(plain);
    assert.deepEqual([email, azp, sub], [undefined, subjectOf(EMAIL), subjectOf(EMAIL)]);
    const owner = await deps.tokens.verifyIdToken(plain);
    assert.deepEqual([owner?.email, owner?.audience], [EMAIL, "https://hello.example"]);
    // As Google's client libraries for Python write it.
    const full = decodeJwt(await generate({ includeEmail: "true", useEmailAzp: "true" }));
    assert.deepEqual([full["email"], full["email_verified"], full["azp"]], [EMAIL, true, EMAIL]);
    assert.equal((await call("generateIdToken", {})).status, 400);
    const organization = await call("generateIdToken", { audience: "x", organizationNumberIncluded: true });
    assert.match(errorOf(organization.body).message, /organization_number_included is not supported/);
  });

  test("signatures verify with the account's public keys, of this week and the last", async () => {
    const signBlob = async () => {
      const { body } = await call("signBlob", { payload: Buffer.from("text").toString("base64") });
      return { keyId: body["keyId"] as string, signature: Buffer.from(body["signedBlob"] as string, "base64") };
    };
    const isGood = async ({ keyId, signature }: { keyId: string; signature: Buffer }) => {
      const keys = await deps.serviceAccounts.keys.publicKeysOf(EMAIL);
      const key = keys.find(({ id }) => id === keyId);
      return key !== undefined && verify("sha256", Buffer.from("text"), key.key, signature);
    };
    const [first, together] = await Promise.all([signBlob(), signBlob()]);
    assert.equal(first.keyId, together.keyId);
    clock.advance(7 * DAY_MS - 1000);
    assert.equal((await signBlob()).keyId, first.keyId);
    clock.advance(1000);
    const second = await signBlob();
    assert.notEqual(second.keyId, first.keyId);
    assert.ok(await isGood(first));
    assert.ok(await isGood(second));
    clock.advance(8 * DAY_MS);
    assert.ok(!(await isGood(first)));
    assert.ok(await isGood(second));
  });

  test("a JWT is signed as given, unless it expires in the past or after 12 hours", async () => {
    const nowSeconds = clock.nowMs() / 1000;
    const sign = (claims: unknown) => call("signJwt", { payload: JSON.stringify(claims) });
    const { body } = await sign({ aud: "x", exp: nowSeconds + 60, custom: [1] });
    const jwt = body["signedJwt"] as string;
    const keys = await deps.serviceAccounts.keys.publicKeysOf(EMAIL);
    const key = keys.find(({ id }) => id === decodeProtectedHeader(jwt).kid)!;
    assert.equal(key.id, body["keyId"]);
    const { payload } = await jwtVerify(jwt, key.key, { currentDate: new Date(clock.nowMs()) });
    assert.deepEqual(payload, { aud: "x", exp: nowSeconds + 60, custom: [1] });
    for (const exp of [nowSeconds, nowSeconds + 12 * 3600 + 1, "soon"]) {
      assert.equal(errorOf((await sign({ exp })).body).status, "INVALID_ARGUMENT", String(exp));
    }
    assert.equal((await call("signJwt", { payload: "[]" })).status, 400);
    assert.equal((await call("signJwt", { payload: "{" })).status, 400);
  });
});
