import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Gcloud, gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";

if (gcloudIsHere()) describe("gcloud storage buckets notifications, and logging sinks", runSuite);
else console.warn("NOT RUN: gcloud storage buckets notifications and logging sinks; gcloud is not on the PATH");

const PROJECT = "projects/homerun-local";

function runSuite(): void {
  let server: RealServer;
  let gcloud: Gcloud;
  before(async () => {
    server = await startRealServer();
    gcloud = await openGcloud(server);
  });
  after(async () => {
    await gcloud?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const output = async (...args: string[]) => (await gcloud.run(...args)).stdout.trim();
  const call = async (method: string, path: string, body: object) => {
    const answer = await server.json(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const subscribe = (name: string) =>
    call("PUT", `/pubsub/v1/${PROJECT}/subscriptions/${name}`, { topic: `${PROJECT}/topics/${name}` });
  /** The next message of a subscription. */
  const pull = async (name: string) => {
    for (;;) {
      const path = `/pubsub/v1/${PROJECT}/subscriptions/${name}:pull`;
      const { receivedMessages } = (await call("POST", path, { maxMessages: 1 })) as {
        receivedMessages?: [{ message: { attributes: Record<string, string>; data: string } }];
      };
      if (receivedMessages) return receivedMessages[0].message;
    }
  };

  test("notifications are created with their topic, listed, described and deleted, and tell of an upload", async () => {
    const notifications = ["storage", "buckets", "notifications"];
    await call("POST", "/storage/v1/b?project=homerun-local", { name: "watched" });
    const chosen = ["--event-types=OBJECT_FINALIZE", "--custom-attributes=team=blue", "--object-prefix=in/"];
    const created = await output(...notifications, "create", "gs://watched", "--topic=changes", ...chosen);
    assert.match(created, /topic: \/\/pubsub\.googleapis\.com\/projects\/homerun-local\/topics\/changes/);
    assert.match(await output(...notifications, "list", "gs://watched"), /^ {2}id: '1'$/m);
    const name = "projects/_/buckets/watched/notificationConfigs/1";
    assert.match(await output(...notifications, "describe", name), /payload_format: JSON_API_V1/);

    const file = join(gcloud.folder, "file.txt");
    await writeFile(file, "hello");
    await subscribe("changes");
    await gcloud.run("storage", "cp", file, "gs://watched/in/file.txt");
    const { eventType, objectId, team } = (await pull("changes")).attributes;
    assert.deepEqual([eventType, objectId, team], ["OBJECT_FINALIZE", "in/file.txt", "blue"]);

    const listed = await gcloud.exec("gsutil", "notification", "list", "gs://watched");
    assert.match(listed, /Cloud Pub\/Sub topic: projects\/homerun-local\/topics\/changes/);
    await gcloud.run(...notifications, "delete", name);
    assert.deepEqual((await server.json("GET", "/storage/v1/b/watched/notificationConfigs")).body["items"], undefined);
  });

  test("sinks are created, listed, updated, described and deleted, and export entries", async () => {
    const sinks = ["logging", "sinks"];
    await call("PUT", `/pubsub/v1/${PROJECT}/topics/logs`, {});
    await subscribe("logs");
    const destination = `pubsub.googleapis.com/${PROJECT}/topics/logs`;
    const created = await gcloud.run(...sinks, "create", "errors", destination, "--log-filter=severity>=ERROR");
    assert.match(created.stderr, /grant.*serviceAccount:service-\d+@gcp-sa-logging\.iam\.gserviceaccount\.com/);
    const names = await output(...sinks, "list", "--format=value(name)");
    assert.deepEqual(names.split("\n"), ["_Default", "_Required", "errors"]);
    const exclusion = "--add-exclusion=name=noise,filter=textPayload:noise";
    await gcloud.run(...sinks, "update", "errors", exclusion, "--description=what went wrong");
    assert.match(await output(...sinks, "describe", "errors"), /filter: textPayload:noise[^]*writerIdentity:/);
    const logName = `${PROJECT}/logs/app`;
    const entries = ["only noise", "real"].map((textPayload) => ({ logName, textPayload, severity: "ERROR" }));
    await call("POST", "/logging/v2/entries:write", { entries });
    const entry = JSON.parse(Buffer.from((await pull("logs")).data, "base64").toString()) as { textPayload: string };
    assert.equal(entry.textPayload, "real");
    await gcloud.run(...sinks, "delete", "errors");
    assert.equal((await server.json("GET", `/logging/v2/${PROJECT}/sinks/errors`)).status, 404);
  });
}
