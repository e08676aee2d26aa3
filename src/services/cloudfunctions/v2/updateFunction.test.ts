import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../../../../tests/support/archives.ts";
import { bootFunctions, type BootedFunctions, type Json } from "../../../../tests/support/boot-functions.ts";
import {
  ANSWERING,
  CRASHING,
  functionsClient,
  type FunctionsClient,
  messageOf,
  PARENT,
} from "../../../../tests/support/functions-client.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";

const NUMBER = projectNumberOf("demo");

describe("UpdateFunction", () => {
  let booted: BootedFunctions;
  let client: FunctionsClient;
  const source = { current: {} as Json };
  before(async () => {
    booted = await bootFunctions();
    client = functionsClient(booted, source);
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 1", "package.json": "{}" }));
  });
  after(() => booted[Symbol.asyncDispose]());

  test("an update of the source builds, keeps what the mask leaves out, and serves the new version", async () => {
    const before = await client.deployed("update", "old");
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 2", "package.json": "{}" }));
    const body = client.bodyOf("update", "new", ANSWERING, { labels: { other: "label" } });
    const mask = "build_config.source,serviceConfig.environmentVariables,event_trigger";
    const operation = await booted.wait(await client.patch("update", body, mask));
    assert.equal(operation["error"], undefined);
    const fn = await client.get("update");
    assert.deepEqual(fn["labels"], { "deployment-tool": "cli-gcloud" });
    assert.notDeepEqual(fn.buildConfig["source"], before.buildConfig["source"]);
    assert.match(fn.serviceConfig.revision, /^update-00002-/);
    assert.equal(await booted.serving.get(fn.serviceConfig.uri), "new");
  });

  test("an update of the service alone builds nothing", async () => {
    await client.deployed("config", "x");
    const builds = booted.builder.requests.length;
    const answer = await client.patch(
      "config",
      { serviceConfig: { availableMemory: "1Gi" } },
      "service_config.available_memory",
    );
    const { stages } = (answer.body as { metadata: { stages: Json[] } }).metadata;
    assert.deepEqual(
      stages.map(({ name }) => name),
      ["SERVICE"],
    );
    assert.equal((await booted.wait(answer))["error"], undefined);
    assert.equal(booted.builder.requests.length, builds);
    const fn = await client.get("config");
    assert.equal(fn.serviceConfig["availableMemory"], "1Gi");
    assert.match(fn.serviceConfig.revision, /^config-00002-/);
  });

  test("a failing build fails the operation in Google's words; the version before stays", async () => {
    const before = await client.deployed("unbuildable", "still");
    const { behave } = booted.builder;
    booted.builder.behave = async () => ({
      status: "FAILURE",
      failureType: "USER_BUILD_STEP",
      detail: "npm error 404 Not Found",
      phases: [],
    });
    const operation = await booted.wait(
      await client.patch("unbuildable", client.bodyOf("unbuildable", "x"), "build_config.source"),
    );
    const created = await booted.wait(await client.create("unborn", client.bodyOf("unborn", "x")));
    booted.builder.behave = behave;
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 3);
    const link = `https://console\\.cloud\\.google\\.com/cloud-build/builds;region=us-central1/[0-9a-f-]{36}\\?project=${NUMBER}`;
    assert.match(
      message,
      new RegExp(
        `^Build failed with status: FAILURE and message: npm error 404 Not Found\\. For more details see the logs at ${link}\\.$`,
      ),
    );
    const fn = await client.get("unbuildable");
    assert.equal(fn.state, "ACTIVE");
    assert.deepEqual(fn.buildConfig, before.buildConfig);
    assert.equal(await booted.serving.get(fn.serviceConfig.uri), "still");
    assert.ok(created["error"]);
    const unborn = await client.get("unborn");
    assert.equal(unborn.state, "FAILED");
    assert.equal((unborn["stateMessages"] as Json[])[0]!["severity"], "ERROR");
  });

  test("a container that does not start fails the SERVICE stage with its log; the revision before serves", async () => {
    await client.deployed("broken", "still here");
    const body = client.bodyOf("broken", "never", CRASHING);
    const operation = await booted.wait(await client.patch("broken", body, "build_config.source,service_config"));
    const { code, message } = operation["error"] as { code: number; message: string };
    assert.equal(code, 3);
    assert.match(
      message,
      /^Could not create or update Cloud Run service broken, Container Healthcheck failed\. Revision 'broken-00002-[a-z0-9]{3}' is not ready and cannot serve traffic\. The user-provided container failed to start and listen on the port defined provided by the PORT=8080/,
    );
    assert.match(message, /Error: no such module/);
    const fn = await client.get("broken");
    assert.equal(fn.state, "ACTIVE");
    assert.equal(fn.serviceConfig.environmentVariables["ANSWER"], "still here");
    assert.equal(await booted.serving.get(fn.serviceConfig.uri), "still here");
    const repaired = await booted.wait(
      await client.patch("broken", client.bodyOf("broken", "repaired"), "service_config"),
    );
    assert.equal(repaired["error"], undefined);
    assert.equal(await booted.serving.get(fn.serviceConfig.uri), "repaired");
  });

  test("while an operation is under way others are refused in Google's words", async () => {
    const answer = await client.create("busy", client.bodyOf("busy", "x"));
    assert.equal(
      messageOf(await client.patch("busy", client.bodyOf("busy", "y"), "labels")),
      "409 unable to queue the operation",
    );
    assert.equal(messageOf(await client.remove("busy")), "409 unable to queue the operation");
    assert.equal(
      messageOf(await client.create("busy", client.bodyOf("busy", "x"))),
      `409 Resource '${PARENT}/functions/busy' already exists`,
    );
    assert.equal((await booted.wait(answer))["error"], undefined);
  });
});
