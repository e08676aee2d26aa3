import assert from "node:assert/strict";
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { importX509, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { createManualClock, type ManualClock } from "../../platform/manual-clock.ts";
import { subjectOf } from "../../wire/credentials/local-tokens.ts";
import type { ServiceAccount } from "../../wire/credentials/service-accounts/account.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import { oauth2 } from "./module.ts";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token";
const EMAIL = "caller@demo.iam.gserviceaccount.com";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

describe("oauth2", () => {
  let api: BootedApi;
  let deps: ServiceDeps;
  let clock: ManualClock;
  let key: { readonly id: string; readonly privateKey: KeyObject };

  before(async () => {
    clock = createManualClock();
    api = await bootApi(
      (given) => {
        deps = given;
        return [oauth2(given)];
      },
      { clock },
    );
    key = await createAccount(EMAIL);
  });
  after(() => api[Symbol.asyncDispose]());

  async function createAccount(email: string) {
    const account: ServiceAccount = {
      email,
      uniqueId: subjectOf(email),
      projectId: "demo",
      displayName: "",
      description: "",
      disabled: false,
      version: 0,
    };
    const { key: made, privateKey } = await deps.serviceAccounts.keys.generate(account);
    await deps.store.transact(async (transaction) => {
      await deps.serviceAccounts.save(transaction, account);
      await deps.serviceAccounts.keys.add(transaction, made);
    });
    return { id: made.id, privateKey };
  }

  function assertion(claims: JWTPayload, signedBy = key): Promise<string> {
    const iat = Math.floor(clock.nowMs() / 1000);
    const defaults = { iss: EMAIL, aud: GOOGLE_AUDIENCE, iat, exp: iat + 3600 };
    return new SignJWT({ ...defaults, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: signedBy.id })
      .sign(signedBy.privateKey);
  }

  async function post(path: string, parameters: Record<string, string>) {
    const response = await fetch(`${api.url}${path}`, { method: "POST", body: new URLSearchParams(parameters) });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }
  const exchange = async (claims: JWTPayload, signedBy = key) =>
    post("/token", { grant_type: JWT_BEARER, assertion: await assertion(claims, signedBy) });

  test("a scope gives an access token of the account, a target audience an ID token, both give both", async () => {
    const { status, body } = await exchange({ scope: CLOUD_PLATFORM });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ["access_token", "expires_in", "token_type"]);
    const owner = await deps.tokens.verifyAccessToken(body["access_token"]!);
    assert.deepEqual([owner?.email, owner?.scopes], [EMAIL, [CLOUD_PLATFORM]]);

    const { body: second } = await exchange({ target_audience: "https://hello.example" });
    assert.deepEqual(Object.keys(second), ["id_token"]);
    const { body: both } = await exchange({ scope: CLOUD_PLATFORM, target_audience: "x" });
    assert.deepEqual(Object.keys(both).sort(), ["access_token", "expires_in", "id_token", "token_type"]);
  });

  test("an ID token verifies with each published form of the keys, with the claims that Google's have", async () => {
    const { body } = await exchange({ target_audience: "https://hello.example" });
    const { body: certificates } = await api.json("GET", "/oauth2/v1/certs");
    const [pem] = Object.values(certificates);
    const { payload } = await jwtVerify(body["id_token"]!, await importX509(pem as string, "RS256"), {
      issuer: "https://accounts.google.com",
      audience: "https://hello.example",
      currentDate: new Date(clock.nowMs()),
    });
    assert.equal(payload["email"], EMAIL);
    assert.equal(payload["email_verified"], true);
    assert.equal(payload["azp"], EMAIL);
    assert.equal(payload.sub, subjectOf(EMAIL));

    const { body: jwks } = await api.json("GET", "/oauth2/v3/certs");
    const [jwk] = jwks["keys"] as [{ kid: string; kty: string; n: string; e: string }];
    assert.equal(jwk.kid, Object.keys(certificates)[0]);
    const fromJwk = createPublicKey({ key: jwk, format: "jwk" });
    assert.ok(new X509Certificate(pem as string).publicKey.equals(fromJwk));
  });

  test("the same paths answer on Google's hosts", async () => {
    const get = async (host: string, path: string) => {
      const response = await fetch(`${api.url}${path}`, { headers: { host } });
      return response.status;
    };
    assert.equal(await get("www.googleapis.com", "/oauth2/v3/certs"), 200);
    assert.equal(await get("www.googleapis.com", `/robot/v1/metadata/x509/${EMAIL}`), 200);
    assert.equal(await get("accounts.google.com", "/.well-known/openid-configuration"), 200);
    assert.equal(await get("oauth2.googleapis.com", "/tokeninfo"), 400);
  });

  test("the audience may be any of Google's token endpoints or the one that was called, and nothing else", async () => {
    for (const aud of ["https://accounts.google.com/o/oauth2/token", `${api.url}/token`]) {
      assert.equal((await exchange({ scope: CLOUD_PLATFORM, aud })).status, 200, aud);
    }
    const { status, body } = await exchange({ scope: CLOUD_PLATFORM, aud: "https://example.com/token" });
    assert.equal(status, 400);
    assert.equal(body["error"], "invalid_grant");
    assert.match(body["error_description"]!, /audience/);
  });

  test("bad assertions get Google's errors", async () => {
    const nowSeconds = Math.floor(clock.nowMs() / 1000);
    const other = await createAccount("other@demo.iam.gserviceaccount.com");
    const expectError = async (claims: JWTPayload, error: string, description: RegExp, signedBy = key) => {
      const { body } = await exchange(claims, signedBy);
      assert.equal(body["error"], error);
      assert.match(body["error_description"]!, description);
    };
    const scope = CLOUD_PLATFORM;
    await expectError({ scope }, "invalid_grant", /^Invalid JWT Signature\.$/, other);
    await expectError({ scope, iss: "no@demo.iam.gserviceaccount.com" }, "invalid_grant", /account not found/);
    await expectError({ scope, exp: nowSeconds - 3600 }, "invalid_grant", /short-lived token \(60 minutes\)/);
    await expectError({ scope, exp: nowSeconds + 7200 }, "invalid_grant", /short-lived token/);
    await expectError({ scope, iat: nowSeconds + 3600 }, "invalid_grant", /short-lived token/);
    await expectError({}, "invalid_scope", /Invalid OAuth scope or ID token audience provided/);
    await expectError({ scope, sub: "user@example.com" }, "unauthorized_client", /Client is unauthorized/);
    assert.equal((await exchange({ scope, sub: "user@example.com" })).status, 401);
  });

  test("requests that are not token requests get OAuth errors", async () => {
    const errorOf = async (parameters: Record<string, string>) => {
      const { status, body } = await post("/token", parameters);
      return [status, body["error"]];
    };
    assert.deepEqual(await errorOf({}), [400, "invalid_request"]);
    assert.deepEqual(await errorOf({ grant_type: "password" }), [400, "unsupported_grant_type"]);
    assert.deepEqual(await errorOf({ grant_type: JWT_BEARER }), [400, "invalid_request"]);
    assert.deepEqual(await errorOf({ grant_type: JWT_BEARER, assertion: "x.y.z" }), [400, "invalid_grant"]);
    assert.deepEqual(await errorOf({ grant_type: JWT_BEARER, assertion: "a".repeat(70_000) }), [
      400,
      "invalid_request",
    ]);
    assert.deepEqual(await errorOf({ grant_type: "refresh_token", client_id: "c" }), [400, "invalid_request"]);
    assert.deepEqual(await errorOf({ grant_type: "refresh_token", client_id: "c", refresh_token: "1//x" }), [
      400,
      "invalid_grant",
    ]);
  });

  test("a disabled account, a disabled key and a deleted account get no tokens", async () => {
    const email = "blocked@demo.iam.gserviceaccount.com";
    const own = await createAccount(email);
    const ask = async () => (await exchange({ iss: email, scope: CLOUD_PLATFORM }, own)).body["error_description"];
    const { serviceAccounts: accounts, store } = deps;
    assert.equal(await ask(), undefined);
    await store.transact((transaction) => accounts.keys.setDisabled(transaction, own.id, true));
    assert.equal(await ask(), "Invalid JWT Signature.");
    await store.transact((transaction) => accounts.keys.setDisabled(transaction, own.id, false));
    const account = (await accounts.find(email))!;
    await store.transact((transaction) => accounts.save(transaction, { ...account, disabled: true }));
    assert.equal(await ask(), "Account disabled");
    await store.transact((transaction) => accounts.delete(transaction, account));
    assert.equal(await ask(), "Invalid grant: account not found");
  });

  test("a refresh token gives a user tokens until it is revoked", async () => {
    const refreshToken = await deps.tokens.issueRefreshToken("me@example.com");
    const refresh = () =>
      post("/token", { grant_type: "refresh_token", client_id: "client", refresh_token: refreshToken });
    const { body } = await refresh();
    assert.deepEqual(Object.keys(body).sort(), ["access_token", "expires_in", "id_token", "scope", "token_type"]);
    const idToken = await deps.tokens.verifyIdToken(body["id_token"]!);
    assert.deepEqual([idToken?.email, idToken?.audience], ["me@example.com", "client"]);
    assert.deepEqual(await post("/revoke", { token: refreshToken }), { status: 200, body: {} });
    assert.equal((await refresh()).body["error"], "invalid_grant");
    assert.equal((await post("/revoke", { token: refreshToken })).body["error"], "invalid_token");
  });

  test("the machine's owner gets a refresh token for any user; nobody else does, and none for a service account", async () => {
    const grant_type = "urn:homerun:params:oauth:grant-type:local-user";
    const { status, body } = await post("/token", { grant_type, email: "me@example.com" });
    assert.equal(status, 200);
    assert.equal((await deps.tokens.verifyAccessToken(body["access_token"]!))?.email, "me@example.com");
    assert.equal((await deps.tokens.verifyRefreshToken(body["refresh_token"]!))?.email, "me@example.com");
    for (const email of ["", "me", EMAIL]) {
      const refused = await post("/token", { grant_type, email });
      assert.equal(refused.body["error"], "invalid_request", email);
    }
    const response = await fetch(`${api.url}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type, email: "boss@example.com" }),
      headers: { authorization: `Bearer ${body["access_token"]!}` },
    });
    assert.equal(response.status, 401);
    assert.equal(((await response.json()) as { error: string }).error, "unauthorized_client");
  });

  test("tokeninfo and userinfo tell what a token's scopes allow", async () => {
    const { token } = await deps.tokens.issueAccessToken("me@example.com", ["openid", "email"]);
    const info = await api.json("GET", `/tokeninfo?access_token=${token}`);
    const subject = subjectOf("me@example.com");
    assert.equal(info.body["email"], "me@example.com");
    assert.equal(info.body["sub"], subject);
    assert.equal(info.body["expires_in"], "3600");
    assert.equal(info.body["exp"], String(clock.nowMs() / 1000 + 3600));
    const old = await api.json("GET", `/oauth2/v1/tokeninfo?access_token=${token}`);
    assert.deepEqual([old.body["user_id"], old.body["expires_in"]], [subject, 3600]);
    const user = await api.json("GET", `/oauth2/v3/userinfo?access_token=${token}`);
    assert.deepEqual(user.body, { sub: subject, email: "me@example.com", email_verified: true });
    const oldUser = await api.json("GET", `/oauth2/v2/userinfo?access_token=${token}`);
    assert.deepEqual(oldUser.body, { id: subject, email: "me@example.com", verified_email: true });

    const { token: narrow } = await deps.tokens.issueAccessToken("me@example.com", [CLOUD_PLATFORM]);
    const narrowInfo = await api.json("GET", `/tokeninfo?access_token=${narrow}`);
    assert.deepEqual([narrowInfo.body["email"], narrowInfo.body["sub"]], [undefined, undefined]);
    assert.equal((await api.json("GET", `/oauth2/v3/userinfo?access_token=${narrow}`)).status, 401);
    const none = await api.json("GET", "/tokeninfo?access_token=ya29.x");
    assert.deepEqual(none.body, { error: "invalid_token", error_description: "Invalid Value" });
    const idToken = await deps.tokens.issueIdToken("me@example.com", "aud");
    const claims = await api.json("GET", `/tokeninfo?id_token=${idToken}`);
    assert.deepEqual([claims.body["aud"], claims.body["email_verified"], claims.body["alg"]], ["aud", "true", "RS256"]);
  });
});
