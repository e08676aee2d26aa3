import assert from "node:assert/strict";
import type { KeyObject } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type JWTPayload, SignJWT } from "jose";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { createManualClock, type ManualClock } from "../../platform/manual-clock.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { subjectOf } from "./local-tokens.ts";
import type { ServiceAccount } from "./service-accounts/account.ts";

const EMAIL = "caller@demo.iam.gserviceaccount.com";
const ACCOUNT: ServiceAccount = {
  email: EMAIL,
  uniqueId: subjectOf(EMAIL),
  projectId: "demo",
  displayName: "",
  description: "",
  disabled: false,
  version: 0,
};

describe("tokens that heed service accounts", () => {
  let api: BootedApi;
  let deps: ServiceDeps;
  let clock: ManualClock;
  let key: { readonly id: string; readonly privateKey: KeyObject };

  before(async () => {
    clock = createManualClock();
    api = await bootApi(
      (given) => {
        deps = given;
        return [];
      },
      { clock },
    );
    const { key: made, privateKey } = await deps.serviceAccounts.keys.generate(ACCOUNT);
    key = { id: made.id, privateKey };
    await deps.store.transact(async (transaction) => {
      await deps.serviceAccounts.save(transaction, ACCOUNT);
      await deps.serviceAccounts.keys.add(transaction, made);
    });
  });
  after(() => api[Symbol.asyncDispose]());

  const save = (change: Partial<ServiceAccount>) =>
    deps.store.transact((transaction) => deps.serviceAccounts.save(transaction, { ...ACCOUNT, ...change }));

  async function selfSigned(claims: JWTPayload) {
    const iat = Math.floor(clock.nowMs() / 1000);
    const jwt = await new SignJWT({ iss: EMAIL, sub: EMAIL, iat, exp: iat + 3600, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: key.id })
      .sign(key.privateKey);
    return deps.tokens.verifyAccessToken(jwt);
  }

  test("a JWT that an account signs for an API, or with scopes, counts as its access token", async () => {
    const forApi = await selfSigned({ aud: "https://pubsub.googleapis.com/google.pubsub.v1.Publisher" });
    assert.deepEqual([forApi?.email, forApi?.subject], [EMAIL, subjectOf(EMAIL)]);
    assert.deepEqual((await selfSigned({ scope: "a b" }))?.scopes, ["a", "b"]);
  });

  test("a JWT for somebody else, of somebody else, too old or too long does not", async () => {
    const nowSeconds = Math.floor(clock.nowMs() / 1000);
    const aud = "https://run.googleapis.com/";
    for (const claims of [
      { aud: "https://example.com/" },
      { aud: "https://oauth2.googleapis.com/token", scope: "a" },
      { aud: "https://googleapis.com.example.com/" },
      {},
      { aud, sub: "user@example.com" },
      { aud, exp: nowSeconds - 1, iat: nowSeconds - 100 },
      { aud, exp: nowSeconds + 7200 },
      { aud, iss: "other@demo.iam.gserviceaccount.com" },
    ]) {
      assert.equal(await selfSigned(claims), undefined, JSON.stringify(claims));
    }
  });

  test("tokens of a disabled account do not count until it is enabled again, those of a deleted one never", async () => {
    const { token } = await deps.tokens.issueAccessToken(EMAIL, ["a"]);
    const idToken = await deps.tokens.issueIdToken(EMAIL, "aud", { includeEmail: false });
    const counting = async () => [
      (await deps.tokens.verifyAccessToken(token))?.email,
      (await deps.tokens.verifyIdToken(idToken))?.email,
      (await selfSigned({ scope: "a" }))?.email,
    ];
    assert.deepEqual(await counting(), [EMAIL, EMAIL, EMAIL]);
    await save({ disabled: true });
    assert.deepEqual(await counting(), [undefined, undefined, undefined]);
    await save({ disabled: false });
    assert.deepEqual(await counting(), [EMAIL, EMAIL, EMAIL]);
    await deps.store.transact((transaction) => deps.serviceAccounts.delete(transaction, ACCOUNT));
    assert.deepEqual(await counting(), [undefined, undefined, undefined]);
  });

  test("a revoked access token does not count, and others still do", async () => {
    const { token } = await deps.tokens.issueAccessToken("me@example.com", ["a"]);
    const { token: other } = await deps.tokens.issueAccessToken("me@example.com", ["b"]);
    assert.equal(await deps.tokens.revoke(token), true);
    assert.equal(await deps.tokens.verifyAccessToken(token), undefined);
    assert.equal((await deps.tokens.verifyAccessToken(other))?.email, "me@example.com");
    assert.equal(await deps.tokens.revoke(token), false);
  });

  test("no kind of token passes for another", async () => {
    const { tokens } = deps;
    const { token: access } = await tokens.issueAccessToken("me@example.com", []);
    const refresh = await tokens.issueRefreshToken("me@example.com");
    const id = await tokens.issueIdToken("me@example.com", "aud");
    assert.equal(await tokens.verifyAccessToken(id), undefined);
    assert.equal(await tokens.verifyAccessToken(`ya29.${id}`), undefined);
    assert.equal(await tokens.verifyAccessToken(`ya29.${refresh.slice(3)}`), undefined);
    assert.equal(await tokens.verifyIdToken(access.slice(5)), undefined);
    assert.equal(await tokens.verifyRefreshToken(`1//${access.slice(5)}`), undefined);
  });
});
