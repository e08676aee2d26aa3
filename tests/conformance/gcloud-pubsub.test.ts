import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { bootApi } from "../support/boot-api.ts";
import { gcloudIsHere } from "../support/gcloud.ts";

const run = promisify(execFile);

/** The unmodified gcloud, whose https requests go through the server as a proxy. */
async function boot() {
  const api = await bootApi((deps) => [pubsub(deps)]);
  const folder = mkdtempDisposableSync(join(tmpdir(), "homerun-gcloud-pubsub-"));
  const caFile = join(api.dataDir, "tls", "ca.pem");
  const env = {
    ...process.env,
    HTTPS_PROXY: api.url,
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
    CLOUDSDK_CORE_PROJECT: "demo",
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CONFIG: join(folder.path, "config"),
  };
  const exec = (args: readonly string[]) => run("gcloud", ["pubsub", ...args], { env, cwd: folder.path });
  return {
    folder: folder.path,
    gcloud: async (...args: string[]) => (await exec(args)).stdout,
    /** What a command prints on standard error, and JSON on standard output. */
    messages: async (...args: string[]) => (await exec(args)).stderr,
    json: async (...args: string[]) => JSON.parse((await exec([...args, "--format=json"])).stdout) as Json[] & Json,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}

type Json = Record<string, unknown>;

async function messagesScenario(): Promise<void> {
  await using tools = await boot();
  const { gcloud, messages, json } = tools;
  assert.equal(await messages("topics", "create", "news"), "Created topic [projects/demo/topics/news].\n");
  const flags =
    "--topic=news --ack-deadline=20 --expiration-period=never --message-retention-duration=20m --retain-acked-messages " +
    "--enable-message-ordering --message-filter=attributes:kept --min-retry-delay=5s --max-retry-delay=60s " +
    "--labels=team=a --dead-letter-topic=news --max-delivery-attempts=7 --enable-exactly-once-delivery";
  await gcloud("subscriptions", "create", "reader", ...flags.split(" "));
  assert.deepEqual(await json("subscriptions", "describe", "reader"), {
    name: "projects/demo/subscriptions/reader",
    topic: "projects/demo/topics/news",
    pushConfig: {},
    ackDeadlineSeconds: 20,
    expirationPolicy: {},
    messageRetentionDuration: "1200s",
    retainAckedMessages: true,
    enableMessageOrdering: true,
    enableExactlyOnceDelivery: true,
    filter: "attributes:kept",
    labels: { team: "a" },
    retryPolicy: { minimumBackoff: "5s", maximumBackoff: "60s" },
    deadLetterPolicy: { deadLetterTopic: "projects/demo/topics/news", maxDeliveryAttempts: 7 },
    state: "ACTIVE",
  });
  const publish = (...args: string[]) => json("topics", "publish", "news", ...args);
  const [left, kept] = await Promise.all([
    publish("--message=out"),
    publish("--message=hello", "--attribute=kept=yes", "--ordering-key=k"),
  ]);
  assert.equal((left["messageIds"] as string[]).length, 1);
  const [pulled] = await json("subscriptions", "pull", "reader", "--auto-ack");
  const { data, messageId, attributes, orderingKey } = pulled!["message"] as Record<string, string>;
  assert.deepEqual(
    [atob(data!), [messageId], attributes, orderingKey],
    ["hello", kept["messageIds"], { kept: "yes" }, "k"],
  );
  await gcloud("subscriptions", "seek", "reader", "--time=2020-01-01T00:00:00Z");
  const [again] = await json("subscriptions", "pull", "reader");
  assert.equal((again!["message"] as Json)["messageId"], messageId);
  await gcloud("subscriptions", "ack", "reader", `--ack-ids=${String(again!["ackId"])}`);
}

async function resourcesScenario(): Promise<void> {
  await using tools = await boot();
  const { gcloud, messages, json, folder } = tools;
  const definition = JSON.stringify({ type: "record", name: "R", fields: [{ name: "a", type: "string" }] });
  await gcloud("schemas", "create", "record", "--type=avro", `--definition=${definition}`);
  await gcloud("schemas", "commit", "record", "--type=avro", `--definition=${definition}`);
  assert.equal((await json("schemas", "list-revisions", "record")).length, 2);
  const transforms = join(folder, "transforms.json");
  const code = "function up(message) { message.data = message.data.toUpperCase(); return message; }";
  writeFileSync(transforms, JSON.stringify([{ javascriptUdf: { functionName: "up", code } }]));
  const tested = await json("message-transforms", "test", `--message-transforms-file=${transforms}`, "--message=hi");
  assert.deepEqual(tested, [{ data: "HI" }]);
  const settings = ["--schema=record", "--message-encoding=json", `--message-transforms-file=${transforms}`];
  await gcloud("topics", "create", "records", ...settings);
  await assert.rejects(gcloud("topics", "publish", "records", "--message=hi"), /Message failed schema validation/);
  const binding = ["--member=user:a@example.com", "--role=roles/pubsub.publisher"];
  const policy = await json("topics", "add-iam-policy-binding", "records", ...binding);
  assert.deepEqual(policy["bindings"], [{ members: ["user:a@example.com"], role: "roles/pubsub.publisher" }]);
  await gcloud("subscriptions", "create", "reader", "--topic=records");
  await gcloud("snapshots", "create", "then", "--subscription=reader");
  assert.equal((await json("snapshots", "list")).length, 1);
  await gcloud("topics", "detach-subscription", "reader");
  await assert.rejects(gcloud("subscriptions", "pull", "reader"), /FAILED_PRECONDITION/);
  assert.match(await messages("topics", "delete", "records"), /Deleted topic/);
  assert.equal((await json("subscriptions", "describe", "reader"))["topic"], "_deleted-topic_");
}

if (gcloudIsHere()) {
  test("gcloud pubsub publishes, pulls, acknowledges and seeks", messagesScenario);
  test("gcloud pubsub manages schemas, transforms, policies, snapshots and detached subscriptions", resourcesScenario);
} else console.warn("NOT RUN: gcloud pubsub; gcloud is not on the PATH");
