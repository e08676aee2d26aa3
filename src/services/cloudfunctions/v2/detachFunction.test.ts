import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../../../../tests/support/archives.ts";
import { bootFunctions, type BootedFunctions, type Json } from "../../../../tests/support/boot-functions.ts";
import {
  CRASHING,
  functionsClient,
  type FunctionsClient,
  messageOf,
  PARENT,
} from "../../../../tests/support/functions-client.ts";

describe("DetachFunction", () => {
  let booted: BootedFunctions;
  let client: FunctionsClient;
  const source = { current: {} as Json };
  before(async () => {
    booted = await bootFunctions();
    client = functionsClient(booted, source);
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 1", "package.json": "{}" }));
  });
  after(() => booted[Symbol.asyncDispose]());

  const call = (verb: string, id: string) =>
    booted.api.json("POST", `/cloudfunctions/v2/${PARENT}/functions/${id}:${verb}`, {});
  const service = async (id: string) => (await booted.api.json("GET", `/run/v2/${PARENT}/services/${id}`)).body;

  test("leaves a service of Cloud Run with the function's URLs, and no function", async () => {
    const fn = await client.deployed("leaving", "still here");
    const operation = await booted.wait(await call("detachFunction", "leaving"));
    assert.equal(operation["error"], undefined);
    const { operationType, verb } = operation["metadata"] as Json;
    assert.deepEqual([operationType, verb], ["DETACH_FUNCTION", "detach"]);
    assert.equal((operation["response"] as Json)["name"], `${PARENT}/functions/leaving`);

    const { labels, urls, latestReadyRevision } = await service("leaving");
    assert.equal((labels as Json)["goog-managed-by"], undefined);
    assert.ok((urls as string[]).includes("https://us-central1-demo.cloudfunctions.net/leaving"));
    assert.ok(String(latestReadyRevision).endsWith(fn.serviceConfig.revision), "no new revision");
    assert.equal(await booted.serving.get(fn.serviceConfig.uri), "still here");
    const gone = await booted.api.json("GET", `/cloudfunctions/v2/${PARENT}/functions/leaving`);
    assert.equal(gone.status, 404);
  });

  test("has no way back: the service keeps its name from new functions", async () => {
    const refused = messageOf(await client.create("leaving", client.bodyOf("leaving", "again")));
    assert.match(refused, /^409 .* A Cloud Run service with this name already exists\./);
    assert.equal(await booted.serving.get(String((await service("leaving"))["uri"])), "still here");
  });

  test("is refused for what is not there, and for what never became ACTIVE", async () => {
    assert.match(messageOf(await call("detachFunction", "nobody")), /^404 Resource '.*nobody' was not found$/);
    await booted.wait(await client.create("broken", client.bodyOf("broken", "", CRASHING)));
    assert.match(messageOf(await call("detachFunction", "broken")), /^400 Function '.*broken' is not ACTIVE/);
  });

  test("upgrades of the 1st generation are refused by name", async () => {
    for (const verb of ["setupFunctionUpgradeConfig", "commitFunctionUpgrade", "abortFunctionUpgrade"]) {
      const answer = await call(verb, "leaving");
      assert.match(messageOf(answer), new RegExp(`^501 Method .*${verb} is not supported by homerun\\.$`, "i"));
    }
  });
});
