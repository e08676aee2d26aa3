import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BootedApi, bootApi } from "../../tests/support/boot-api.ts";
import { Storage, type WriteObjectRequestSchema } from "../gen/google/storage/v2/storage_pb.js";
import { sealOf } from "../platform/seal.ts";
import { cloudresourcemanager } from "../services/cloudresourcemanager/module.ts";
import { iam } from "../services/iam/module.ts";
import { logging } from "../services/logging/module.ts";
import { secretmanager } from "../services/secretmanager/module.ts";
import { storage } from "../services/storage/module.ts";

type Json = Record<string, unknown>;
type Binding = { role: string; members: string[]; condition?: { title: string; expression: string } };

const ANN = "ann@demo.iam.gserviceaccount.com";
const MEMBER = `serviceAccount:${ANN}`;

/** Services with an owner who sets policies, and ann, who calls with a token of her own. */
async function boot() {
  const api = await bootApi((deps) => [
    secretmanager({ ...deps, seal: sealOf(randomBytes(32)) }),
    cloudresourcemanager(deps),
    iam(deps),
    logging(deps),
    storage({ ...deps, publicKeysOf: async () => [] }),
  ]);
  const own = async (method: string, path: string, body?: Json): Promise<Json> => {
    const answer = await api.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const { token } = await api.api.deps.tokens.issueAccessToken(ANN, []);
  const ann = (method: string, path: string, body?: Json) => call(api, token, method, path, body);
  const setPolicy = (resource: string, bindings: Binding[]) =>
    own("POST", `/secretmanager/v1/${resource}:setIamPolicy`, { policy: { bindings } });
  const setProjectPolicy = (bindings: Binding[]) =>
    own("POST", "/cloudresourcemanager/v1/projects/demo:setIamPolicy", { policy: { bindings } });
  for (const secretId of ["one", "two"]) {
    await own("POST", `/secretmanager/v1/projects/demo/secrets?secretId=${secretId}`, {
      replication: { automatic: {} },
    });
    await own("POST", `/secretmanager/v1/projects/demo/secrets/${secretId}:addVersion`, { payload: { data: "eA==" } });
  }
  return { api, own, ann, setPolicy, setProjectPolicy };
}

async function call({ url }: BootedApi, token: string, method: string, path: string, body?: Json) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  const json = (text.startsWith("{") ? JSON.parse(text) : {}) as { error?: { message: string; details?: Json[] } };
  return { status: answer.status, body: json, message: json.error?.message };
}

const access = (secret: string) => `/secretmanager/v1/projects/demo/secrets/${secret}/versions/latest:access`;

test("without a role a call is refused in Google's words, and changes nothing", async () => {
  const { api, own, ann } = await boot();
  await using _ = api;
  const refused = await ann("GET", access("one"));
  assert.equal(refused.status, 403);
  const resource = "secretmanager.googleapis.com/projects/demo/secrets/one/versions/latest";
  assert.equal(
    refused.message,
    `Permission 'secretmanager.versions.access' denied on resource '//${resource}' (or it may not exist).`,
  );
  assert.deepEqual(refused.body.error?.details?.[0], {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "IAM_PERMISSION_DENIED",
    domain: "iam.googleapis.com",
    metadata: { permission: "secretmanager.versions.access", resource },
  });
  assert.equal((await ann("DELETE", "/secretmanager/v1/projects/demo/secrets/one")).status, 403);
  await own("GET", "/secretmanager/v1/projects/demo/secrets/one");
  // What does not exist is not told from what is not allowed.
  assert.equal((await ann("GET", access("none"))).status, 403);
});

test("a role on a secret counts for that one, a role on the project for all, and a condition for what it says", async () => {
  const { api, ann, setPolicy, setProjectPolicy } = await boot();
  await using _ = api;
  const statuses = async () => [(await ann("GET", access("one"))).status, (await ann("GET", access("two"))).status];
  const binding = { role: "roles/secretmanager.secretAccessor", members: [MEMBER] };
  await setPolicy("projects/demo/secrets/one", [binding]);
  assert.deepEqual(await statuses(), [200, 403]);
  await setPolicy("projects/demo/secrets/one", []);
  await setProjectPolicy([binding]);
  assert.deepEqual(await statuses(), [200, 200]);
  const expression = 'resource.name.startsWith("projects/demo/secrets/two/")';
  await setProjectPolicy([{ ...binding, condition: { title: "two", expression } }]);
  assert.deepEqual(await statuses(), [403, 200]);
});

test("a custom role counts as long as it is there", async () => {
  const { api, own, ann, setProjectPolicy } = await boot();
  await using _ = api;
  const role = { includedPermissions: ["secretmanager.versions.access"], stage: "GA" };
  await own("POST", "/iam/v1/projects/demo/roles", { roleId: "reader", role });
  await setProjectPolicy([{ role: "projects/demo/roles/reader", members: [MEMBER] }]);
  assert.equal((await ann("GET", access("one"))).status, 200);
  await own("DELETE", "/iam/v1/projects/demo/roles/reader");
  assert.equal((await ann("GET", access("one"))).status, 403);
});

test("buckets and objects are for those with a role on the bucket or the project", async () => {
  const { api, own, ann, setProjectPolicy } = await boot();
  await using _ = api;
  await own("POST", "/storage/v1/b?project=demo", { name: "things" });
  await own("POST", "/upload/storage/v1/b/things/o?uploadType=media&name=a", {});
  const read = () => ann("GET", "/storage/v1/b/things/o/a");
  const refused = await read();
  assert.equal(refused.status, 403);
  assert.match(
    refused.message!,
    /^ann@demo.* does not have storage\.objects\.get access to the Google Cloud Storage object/,
  );
  assert.equal((await ann("GET", "/things/a")).status, 403);
  await setProjectPolicy([{ role: "roles/viewer", members: [MEMBER] }]);
  assert.equal((await read()).status, 200);
  assert.equal((await ann("DELETE", "/storage/v1/b/things/o/a")).status, 403);
  assert.equal((await ann("POST", "/storage/v1/b/things/o/a/copyTo/b/things/o/b", {})).status, 403);
  await setProjectPolicy([{ role: "roles/editor", members: [MEMBER] }]);
  assert.equal((await ann("POST", "/storage/v1/b/things/o/a/copyTo/b/things/o/b", {})).status, 200);
  assert.equal((await ann("DELETE", "/storage/v1/b/things/o/a")).status, 204);
});

test("an upload by gRPC is checked by what its first message names", async () => {
  const { api, own, setProjectPolicy } = await boot();
  await using _ = api;
  await own("POST", "/storage/v1/b?project=demo", { name: "streamed" });
  const client = api.api.deps.clients.of(Storage, { kind: "serviceAccount", email: ANN });
  async function* upload(): AsyncIterable<MessageInitShape<typeof WriteObjectRequestSchema>> {
    const resource = { bucket: "projects/_/buckets/streamed", name: "a" };
    yield {
      firstMessage: { case: "writeObjectSpec", value: { resource } },
      data: { case: "checksummedData", value: { content: Buffer.from("x") } },
      finishWrite: true,
    };
  }
  await assert.rejects(client.writeObject(upload()), /Permission 'storage.objects.create' denied/);
  await setProjectPolicy([{ role: "roles/cloudbuild.builds.builder", members: [MEMBER] }]);
  const { writeStatus } = await client.writeObject(upload());
  assert.equal(writeStatus.case, "resource");
});

test("permissions are told as they are held, and logs are for their readers", async () => {
  const { api, ann, setProjectPolicy } = await boot();
  await using _ = api;
  const asked = ["secretmanager.secrets.get", "secretmanager.secrets.delete"];
  const test = async (path: string) =>
    ((await ann("POST", `${path}:testIamPermissions`, { permissions: asked })).body as Json)["permissions"];
  await setProjectPolicy([{ role: "roles/secretmanager.viewer", members: [MEMBER] }]);
  assert.deepEqual(await test("/secretmanager/v1/projects/demo/secrets/one"), [asked[0]]);
  assert.deepEqual(await test("/cloudresourcemanager/v1/projects/demo"), [asked[0]]);
  const list = () => ann("POST", "/logging/v2/entries:list", { resourceNames: ["projects/demo"] });
  assert.equal((await list()).status, 403);
  await setProjectPolicy([{ role: "roles/logging.viewer", members: [MEMBER] }]);
  assert.equal((await list()).status, 200);
});
