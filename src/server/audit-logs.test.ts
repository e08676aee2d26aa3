import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { after, before, describe, test } from "node:test";
import { type BootedApi, bootApi } from "../../tests/support/boot-api.ts";
import { outboxIsEmpty } from "../../tests/support/recorded-publishes.ts";
import { PolicySchema } from "../gen/google/iam/v1/policy_pb.js";
import { Storage } from "../gen/google/storage/v2/storage_pb.js";
import { sealOf } from "../platform/seal.ts";
import { artifactregistry } from "../services/artifactregistry/module.ts";
import { cloudresourcemanager } from "../services/cloudresourcemanager/module.ts";
import { logging } from "../services/logging/module.ts";
import { pubsub } from "../services/pubsub/module.ts";
import { secretmanager } from "../services/secretmanager/module.ts";
import { storage } from "../services/storage/module.ts";

type Json = Record<string, unknown>;

interface Entry {
  readonly severity: string;
  readonly logName: string;
  readonly resource: { readonly type: string; readonly labels: Record<string, string> };
  readonly operation?: Json;
  readonly protoPayload: Json & { readonly methodName: string; readonly resourceName: string };
}

describe("audit logs of services", () => {
  let api: BootedApi;
  before(async () => {
    api = await bootApi((deps) => [
      logging(deps),
      cloudresourcemanager(deps),
      artifactregistry(deps),
      pubsub(deps),
      secretmanager({ ...deps, seal: sealOf(randomBytes(32)) }),
      storage({ ...deps, publicKeysOf: async () => [] }),
    ]);
  });
  after(() => api[Symbol.asyncDispose]());

  /** Makes a user the owner of a project, without leaving an entry. */
  const own = (project: string, email: string) =>
    api.api.deps.store.transact(async (transaction) => {
      const bindings = [{ role: "roles/owner", members: [`user:${email}`] }];
      await api.api.deps.policies.set(transaction, `projects/${project}`, create(PolicySchema, { bindings }));
    });

  async function entries(project: string, filter: string): Promise<Entry[]> {
    const request = { resourceNames: [`projects/${project}`], filter: `logName:"cloudaudit" ${filter}` };
    const { body } = await api.json("POST", "/v2/entries:list", request);
    return (body["entries"] ?? []) as Entry[];
  }
  const told = (found: readonly Entry[]) =>
    found.map(({ protoPayload }) => [protoPayload.methodName, protoPayload.resourceName]);
  const upload = (path: string, init: RequestInit) => fetch(`${api.url}/upload/storage/v1/b/${path}`, init);
  const enable = (project: string, auditConfigs: readonly Json[]) =>
    api.json("POST", `/v1/projects/${project}:setIamPolicy`, { policy: { auditConfigs }, updateMask: "auditConfigs" });

  test("buckets leave Admin Activity entries by whatever API they are changed", async () => {
    await own("buckets", "a@example.com");
    const client = api.api.deps.clients.of(Storage, { kind: "user", email: "a@example.com" });
    await api.json("POST", "/storage/v1/b?project=buckets", { name: "by-json", location: "us-central1" });
    const headers = { "x-goog-project-id": "buckets" };
    assert.equal((await fetch(`${api.url}/by-xml`, { method: "PUT", headers })).status, 200);
    await client.createBucket({ parent: "projects/_", bucketId: "by-grpc", bucket: { project: "projects/buckets" } });
    await api.json("PATCH", "/storage/v1/b/by-json", { labels: { a: "b" } });
    const bindings = [{ role: "roles/storage.objectViewer", members: ["user:a@example.com"] }];
    await api.json("PUT", "/storage/v1/b/by-json/iam", { bindings });
    await client.deleteBucket({ name: "projects/_/buckets/by-grpc" });
    assert.equal((await api.json("DELETE", "/storage/v1/b/by-xml?ifMetagenerationMatch=7")).status, 412);
    await api.json("DELETE", "/storage/v1/b/by-xml");
    const found = await entries("buckets", "");
    assert.deepEqual(told(found), [
      ["storage.buckets.create", "projects/_/buckets/by-json"],
      ["storage.buckets.create", "projects/_/buckets/by-xml"],
      ["storage.buckets.create", "projects/_/buckets/by-grpc"],
      ["storage.buckets.update", "projects/_/buckets/by-json"],
      ["storage.setIamPermissions", "projects/_/buckets/by-json"],
      ["storage.buckets.delete", "projects/_/buckets/by-grpc"],
      ["storage.buckets.delete", "projects/_/buckets/by-xml"],
      ["storage.buckets.delete", "projects/_/buckets/by-xml"],
    ]);
    assert.ok(found.every(({ logName }) => logName === "projects/buckets/logs/cloudaudit.googleapis.com%2Factivity"));
    assert.deepEqual(
      found.map(({ severity }) => severity).filter((severity) => severity !== "NOTICE"),
      ["ERROR"],
    );
    const updated = found[3]!;
    const labels = { project_id: "buckets", bucket_name: "by-json", location: "us-central1" };
    assert.deepEqual(updated.resource, { type: "gcs_bucket", labels });
    const { serviceName, authenticationInfo, authorizationInfo, requestMetadata, resourceLocation } =
      updated.protoPayload;
    assert.equal(serviceName, "storage.googleapis.com");
    const owner = { principalEmail: "owner@localhost", principalSubject: "user:owner@localhost" };
    assert.deepEqual(authenticationInfo, owner);
    const permission = { permission: "storage.buckets.update", permissionType: "ADMIN_WRITE", granted: true };
    assert.deepEqual(authorizationInfo, [{ resource: "projects/_/buckets/by-json", ...permission }]);
    assert.equal((requestMetadata as Json)["callerIp"], "127.0.0.1");
    assert.deepEqual(resourceLocation, { currentLocations: ["us-central1"] });
  });

  test("Data Access entries are written where the project's policy enables them, but for exempted members", async () => {
    await own("data", "quiet@example.com");
    await api.json("POST", "/storage/v1/b?project=data", { name: "data-things" });
    const put = async (name: string) =>
      assert.equal(
        (await upload(`data-things/o?uploadType=media&name=${name}`, { method: "POST", body: "x" })).status,
        200,
      );
    await put("before");
    const auditLogConfigs = [{ logType: "DATA_WRITE", exemptedMembers: ["user:quiet@example.com"] }];
    const set = await enable("data", [{ service: "storage.googleapis.com", auditLogConfigs }]);
    assert.deepEqual(set.body["auditConfigs"], [{ service: "storage.googleapis.com", auditLogConfigs }]);
    const policy = await api.json("POST", "/v1/projects/data:getIamPolicy", {});
    assert.deepEqual(policy.body["auditConfigs"], set.body["auditConfigs"]);
    assert.ok((policy.body["bindings"] as unknown[]).length > 0, "the bindings stay as they were");
    await put("a");
    const multipart = '--x\r\ncontent-type: application/json\r\n\r\n{"name":"b/c"}\r\n--x\r\n\r\ncontent\r\n--x--';
    const headers = { "content-type": "multipart/related; boundary=x" };
    await upload("data-things/o?uploadType=multipart", { method: "POST", headers, body: multipart });
    await api.json("POST", "/storage/v1/b/data-things/o/a/copyTo/b/data-things/o/copy", {});
    await api.json("GET", "/storage/v1/b/data-things/o/a");
    await fetch(`${api.url}/data-things/a`, { method: "DELETE" });
    const quiet = api.api.deps.clients.of(Storage, { kind: "user", email: "quiet@example.com" });
    await quiet.deleteObject({ bucket: "projects/_/buckets/data-things", object: "copy" });
    const writes = await entries("data", 'log_id("cloudaudit.googleapis.com/data_access")');
    const object = (name: string) => `projects/_/buckets/data-things/objects/${name}`;
    assert.deepEqual(told(writes), [
      ["storage.objects.create", object("a")],
      ["storage.objects.create", object("b/c")],
      ["storage.objects.create", object("copy")],
      ["storage.objects.delete", object("a")],
    ]);
    assert.ok(writes.every(({ severity }) => severity === "INFO"));

    await enable("data", [{ service: "allServices", auditLogConfigs: [{ logType: "DATA_READ" }] }]);
    await (await fetch(`${api.url}/storage/v1/b/data-things/o/b%2Fc?alt=media`)).text();
    const reads = await entries("data", 'protoPayload.methodName="storage.objects.get"');
    assert.deepEqual(told(reads), [["storage.objects.get", object("b/c")]]);
    const unset = await api.json("POST", "/v1/projects/data:setIamPolicy", { policy: { bindings: [] } });
    assert.ok(unset.body["auditConfigs"], "without a mask only the bindings are set");
    assert.equal((await enable("data", [{ service: "", auditLogConfigs: [] }])).status, 400);
  });

  test("a long-running call that is done at once leaves one entry, first and last of its operation", async () => {
    const parent = "/v1/projects/long/locations/us-central1/repositories";
    const made = await api.json("POST", `${parent}?repositoryId=images`, { format: "DOCKER" });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const found = await entries("long", 'protoPayload.methodName:"CreateRepository"');
    const name = "projects/long/locations/us-central1/repositories/images";
    assert.ok(found.every(({ protoPayload }) => protoPayload.resourceName === name));
    const id = made.body["name"];
    const producer = "artifactregistry.googleapis.com";
    assert.deepEqual(
      found.map(({ operation }) => operation),
      [{ id, producer, first: true, last: true }],
    );
    assert.deepEqual(
      (found[0]!.protoPayload["request"] as Json)["@type"],
      "type.googleapis.com/google.devtools.artifactregistry.v1.CreateRepositoryRequest",
    );
  });

  test("reading a log is data access of its project", async () => {
    await enable("read", [{ service: "logging.googleapis.com", auditLogConfigs: [{ logType: "DATA_READ" }] }]);
    await entries("read", "severity=DEBUG");
    const found = await entries("read", 'protoPayload.methodName:"ListLogEntries"');
    assert.deepEqual(told(found), [["google.logging.v2.LoggingServiceV2.ListLogEntries", "projects/read"]]);
  });

  test("what a sink publishes is not audited, so that no entry leads to another", async () => {
    const topic = "projects/loops/topics/entries";
    const subscription = "projects/loops/subscriptions/entries";
    await api.json("PUT", `/pubsub/v1/${topic}`, {});
    await api.json("PUT", `/pubsub/v1/${subscription}`, { topic });
    await enable("loops", [{ service: "allServices", auditLogConfigs: [{ logType: "DATA_WRITE" }] }]);
    await api.json("POST", "/v2/projects/loops/sinks", { name: "all", destination: `pubsub.googleapis.com/${topic}` });
    await api.json("POST", `/pubsub/v1/${topic}:publish`, { messages: [{ data: "eA==" }] });
    await api.json("POST", "/v2/entries:write", {
      entries: [{ logName: "projects/loops/logs/app", textPayload: "x" }],
    });
    await outboxIsEmpty(api, "logging_outbox");
    const pulled = await api.json("POST", `/pubsub/v1/${subscription}:pull`, { maxMessages: 100 });
    const messages = (pulled.body["receivedMessages"] as { message: { data: string } }[]).map(({ message }) =>
      Buffer.from(message.data, "base64").toString(),
    );
    const methods = messages.map(
      (text) => /"methodName":"[^"]*\.(\w+)"/.exec(text)?.[1] ?? (text === "x" ? "x" : "app"),
    );
    assert.deepEqual(methods.sort(), ["CreateSink", "Publish", "app", "x"]);
    const publishes = await entries("loops", 'protoPayload.methodName="google.pubsub.v1.Publisher.Publish"');
    assert.equal(publishes.length, 1);
  });

  test("requests are shown without what they hold of secrets", async () => {
    const replication = { automatic: {} };
    await api.json("POST", "/v1/projects/quiet/secrets?secretId=s", { replication });
    await api.json("POST", "/v1/projects/quiet/secrets/s:addVersion", { payload: { data: "c2VjcmV0" } });
    const [created, added] = await entries("quiet", 'protoPayload.serviceName="secretmanager.googleapis.com"');
    assert.equal(created!.protoPayload.resourceName, "projects/quiet/secrets/s");
    assert.deepEqual((created!.protoPayload["request"] as Json)["secret"], { replication });
    assert.ok(!JSON.stringify(added).includes("c2VjcmV0"), JSON.stringify(added));
    assert.equal(added!.protoPayload.methodName, "google.cloud.secretmanager.v1.SecretManagerService.AddSecretVersion");
  });
});
