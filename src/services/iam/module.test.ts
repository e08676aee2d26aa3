import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { iam } from "./module.ts";

type Json = Record<string, unknown>;

describe("iam service accounts", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [iam(deps)]);
  });
  after(() => api[Symbol.asyncDispose]());

  const create = (accountId: string, project = "demo", serviceAccount: Json = {}) =>
    api.json("POST", `/v1/projects/${project}/serviceAccounts`, { accountId, serviceAccount });
  const errorOf = (body: Json) => body["error"] as { status: string; message: string; details?: Json[] };

  test("an account is created, read by e-mail address and unique id, patched, updated and deleted", async () => {
    const created = await create("life-cycle", "demo", { displayName: "Life", description: "Cycle" });
    assert.equal(created.status, 200);
    const { uniqueId, oauth2ClientId, ...rest } = created.body;
    assert.match(String(uniqueId), /^1\d{20}$/);
    assert.equal(oauth2ClientId, uniqueId);
    assert.match(String(rest["etag"]), /^[A-Za-z0-9+/]+=*$/);
    const name = "projects/demo/serviceAccounts/life-cycle@demo.iam.gserviceaccount.com";
    const expected = { name, projectId: "demo", email: "life-cycle@demo.iam.gserviceaccount.com" };
    assert.deepEqual({ ...rest, etag: "" }, { ...expected, displayName: "Life", description: "Cycle", etag: "" });

    const byId = await api.json("GET", `/v1/projects/-/serviceAccounts/${String(uniqueId)}`);
    assert.deepEqual(byId.body, created.body);
    const patched = await api.json("PATCH", `/v1/${name}`, {
      serviceAccount: { description: "Other", displayName: "Ignored" },
      updateMask: "description",
    });
    assert.equal(patched.body["displayName"], "Life");
    assert.equal(patched.body["description"], "Other");
    assert.notEqual(patched.body["etag"], created.body["etag"]);
    const updated = await api.json("PUT", `/v1/${name}`, { displayName: "New", description: "Ignored" });
    assert.equal(updated.body["displayName"], "New");
    assert.equal(updated.body["description"], "Other");

    assert.deepEqual(await api.json("DELETE", `/v1/${name}`), { status: 200, body: {} });
    const gone = await api.json("GET", `/v1/${name}`);
    assert.equal(gone.status, 404);
    assert.equal(errorOf(gone.body).message, "Unknown service account");
    assert.equal((await create("life-cycle")).status, 200);
  });

  test("an account id that is taken, or out of length or pattern, gets Google's error", async () => {
    await create("taken-id");
    const taken = errorOf((await create("taken-id")).body);
    assert.equal(taken.status, "ALREADY_EXISTS");
    assert.equal(taken.message, "Service account taken-id already exists within project projects/demo.");
    assert.deepEqual(taken.details, [
      {
        "@type": "type.googleapis.com/google.rpc.ResourceInfo",
        resourceName: "projects/demo/serviceAccounts/taken-id@demo.iam.gserviceaccount.com",
      },
    ]);
    const short = errorOf((await create("short")).body);
    assert.equal(short.message, 'The account ID "short" does not have a length between 6 and 30.');
    assert.equal(errorOf((await create("a".repeat(31))).body).status, "INVALID_ARGUMENT");
    for (const accountId of ["Upper-case", "1-digit-first", "ends-in-dash-", "under_score"]) {
      const error = errorOf((await create(accountId)).body);
      assert.match(error.message, /does not match the regular expression/, accountId);
    }
    assert.equal((await create("a".repeat(30))).status, 200);
  });

  test("texts beyond their limits and fields that cannot be patched are named", async () => {
    const long = await create("long-text", "demo", { displayName: "é".repeat(51) });
    assert.equal(errorOf(long.body).message, "The display_name must be at most 100 UTF-8 bytes.");
    await create("patch-me");
    const path = "/v1/projects/demo/serviceAccounts/patch-me@demo.iam.gserviceaccount.com";
    const patched = await api.json("PATCH", path, { serviceAccount: { disabled: true }, updateMask: "disabled" });
    assert.match(errorOf(patched.body).message, /The field disabled cannot be updated/);
  });

  test("default accounts exist without being created, and can be changed like others", async () => {
    const number = projectNumberOf("defaults");
    await api.json("GET", "/v1/projects/defaults/serviceAccounts");
    for (const email of [
      `${number}-compute@developer.gserviceaccount.com`,
      `${number}@cloudbuild.gserviceaccount.com`,
      "defaults@appspot.gserviceaccount.com",
    ]) {
      const { status, body } = await api.json("GET", `/v1/projects/-/serviceAccounts/${email}`);
      assert.equal(status, 200, email);
      assert.equal(body["name"], `projects/defaults/serviceAccounts/${email}`);
      assert.equal(body["disabled"], undefined);
    }
    const compute = `/v1/projects/defaults/serviceAccounts/${number}-compute@developer.gserviceaccount.com`;
    assert.equal((await api.json("POST", `${compute}:disable`, {})).status, 200);
    assert.equal((await api.json("GET", compute)).body["disabled"], true);
    assert.equal((await api.json("POST", `${compute}:enable`, {})).status, 200);
    assert.equal((await api.json("GET", compute)).body["disabled"], undefined);
    const foreign = `/v1/projects/-/serviceAccounts/${projectNumberOf("never-named")}-compute@developer.gserviceaccount.com`;
    assert.equal((await api.json("GET", foreign)).status, 404);
  });

  test("lists hold the project's accounts by e-mail address, a page at a time", async () => {
    await create("second", "paged");
    await create("firsts", "paged");
    const emails: string[] = [];
    let token = "";
    do {
      const { body } = await api.json("GET", `/v1/projects/paged/serviceAccounts?pageSize=2&pageToken=${token}`);
      emails.push(...(body["accounts"] as Json[]).map((account) => String(account["email"])));
      token = (body["nextPageToken"] as string | undefined) ?? "";
    } while (token);
    assert.deepEqual(emails, [
      `${projectNumberOf("paged")}-compute@developer.gserviceaccount.com`,
      "firsts@paged.iam.gserviceaccount.com",
      "paged@appspot.gserviceaccount.com",
      "second@paged.iam.gserviceaccount.com",
    ]);
  });

  test("the 101st account of a project is RESOURCE_EXHAUSTED", async () => {
    for (let index = 0; index < 100; index++) assert.equal((await create(`account-${index}`, "full")).status, 200);
    const error = errorOf((await create("one-too-many", "full")).body);
    assert.equal(error.status, "RESOURCE_EXHAUSTED");
    assert.equal(error.message, "Maximum number of service accounts on project reached.");
  });

  test("an account of one project is not found under another", async () => {
    await create("in-demo");
    const path = "/v1/projects/elsewhere/serviceAccounts/in-demo@demo.iam.gserviceaccount.com";
    assert.equal((await api.json("GET", path)).status, 404);
  });

  test("a key's file holds the private key of the listed public one, and the way back to this server", async () => {
    await create("with-keys");
    const keys = "/v1/projects/-/serviceAccounts/with-keys@demo.iam.gserviceaccount.com/keys";
    const { body: created } = await api.json("POST", keys, { privateKeyType: "TYPE_GOOGLE_CREDENTIALS_FILE" });
    const file = JSON.parse(Buffer.from(String(created["privateKeyData"]), "base64").toString()) as Record<
      string,
      string
    >;
    assert.equal(
      created["name"],
      `projects/demo/serviceAccounts/with-keys@demo.iam.gserviceaccount.com/keys/${file["private_key_id"]}`,
    );
    assert.match(file["private_key_id"] ?? "", /^[0-9a-f]{40}$/);
    assert.equal(file["type"], "service_account");
    assert.equal(file["client_email"], "with-keys@demo.iam.gserviceaccount.com");
    assert.equal(file["token_uri"], `${api.url}/token`);

    const { body: listed } = await api.json("GET", keys);
    const [shown] = listed["keys"] as Json[];
    const { privateKeyData, privateKeyType } = created;
    assert.deepEqual({ ...shown, privateKeyData, privateKeyType }, created);
    assert.equal(shown?.["keyType"], "USER_MANAGED");
    assert.equal(shown["validBeforeTime"], "9999-12-31T23:59:59Z");

    const key = `/v1/${created["name"]}`;
    const { body: x509 } = await api.json("GET", `${key}?publicKeyType=TYPE_X509_PEM_FILE`);
    const certificate = new X509Certificate(Buffer.from(String(x509["publicKeyData"]), "base64"));
    const publicKey = createPublicKey(createPrivateKey(file["private_key"]!));
    assert.ok(certificate.publicKey.equals(publicKey));
    const { body: raw } = await api.json("GET", `${key}?publicKeyType=TYPE_RAW_PUBLIC_KEY`);
    assert.ok(createPublicKey(Buffer.from(String(raw["publicKeyData"]), "base64")).equals(publicKey));

    assert.equal((await api.json("POST", `${key}:disable`, {})).status, 200);
    assert.equal((await api.json("GET", key)).body["disabled"], true);
    assert.equal((await api.json("POST", `${key}:enable`, {})).status, 200);
    assert.equal((await api.json("DELETE", key)).status, 200);
    assert.equal(
      errorOf((await api.json("GET", key)).body).message,
      `Service account key ${file["private_key_id"]} does not exist.`,
    );
  });

  test("the eleventh key is refused as Google does, and key kinds that are not supported by name", async () => {
    await create("many-keys");
    const keys = "/v1/projects/demo/serviceAccounts/many-keys@demo.iam.gserviceaccount.com/keys";
    await Promise.all(Array.from({ length: 10 }, () => api.json("POST", keys, {})));
    const eleventh = errorOf((await api.json("POST", keys, {})).body);
    assert.deepEqual([eleventh.status, eleventh.message], ["FAILED_PRECONDITION", "Precondition check failed."]);
    assert.equal(((await api.json("GET", keys)).body["keys"] as Json[]).length, 10);
    const pkcs12 = errorOf((await api.json("POST", keys, { privateKeyType: "TYPE_PKCS12_FILE" })).body);
    assert.match(pkcs12.message, /TYPE_PKCS12_FILE is not supported/);
    const upload = errorOf((await api.json("POST", `${keys}:upload`, { publicKeyData: "AA==" })).body);
    assert.match(upload.message, /UploadServiceAccountKey is not supported/);
  });

  test("an account's policy is one under all its names, and goes with the account", async () => {
    const { body: account } = await create("policied");
    const byId = `/v1/projects/-/serviceAccounts/${String(account["uniqueId"])}`;
    const byEmail = `/v1/${String(account["name"])}`;
    const policy = { bindings: [{ role: "roles/iam.serviceAccountUser", members: ["user:me@example.com"] }] };
    assert.equal((await api.json("POST", `${byId}:setIamPolicy`, { policy })).status, 200);
    const read = await api.json("POST", `${byEmail}:getIamPolicy?options.requestedPolicyVersion=3`);
    assert.deepEqual(read.body["bindings"], policy.bindings);
    await api.json("DELETE", byEmail);
    assert.equal((await api.json("POST", `${byEmail}:getIamPolicy`)).status, 404);
    await create("policied");
    assert.equal((await api.json("POST", `${byEmail}:getIamPolicy`)).body["bindings"], undefined);
  });

  test("undeletion answers UNIMPLEMENTED by name", async () => {
    const undelete = await api.json("POST", "/v1/projects/-/serviceAccounts/1:undelete", {});
    assert.match(errorOf(undelete.body).message, /IAM\.UndeleteServiceAccount is not supported/);
  });
});
