import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { zipOf } from "../../../../tests/support/archives.ts";
import {
  bootFunctions,
  type BootedFunctions,
  type FunctionJson,
  type Json,
} from "../../../../tests/support/boot-functions.ts";
import {
  ANSWERING,
  functionsClient,
  type FunctionsClient,
  messageOf,
  PARENT,
} from "../../../../tests/support/functions-client.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";

const COMPUTE = `${projectNumberOf("demo")}-compute@developer.gserviceaccount.com`;
const MESSAGES = "google.cloud.pubsub.topic.v1.messagePublished";
const FINALIZED = "google.cloud.storage.object.v1.finalized";
const onTopic = (topic: string) => ({ eventType: MESSAGES, pubsubTopic: `projects/demo/topics/${topic}` });
const onBucket = (value: string) => ({ eventType: FINALIZED, eventFilters: [{ attribute: "bucket", value }] });

describe("functions for events", () => {
  let booted: BootedFunctions;
  let client: FunctionsClient;
  const source = { current: {} as Json };
  before(async () => {
    booted = await bootFunctions();
    client = functionsClient(booted, source);
    source.current = await booted.upload(await zipOf({ "index.js": "exports.hello = 1", "package.json": "{}" }));
    const bucket = { name: "photos", location: "us-central1" };
    assert.equal((await booted.api.json("POST", "/storage/v1/b?project=demo", bucket)).status, 200);
  });
  after(() => booted[Symbol.asyncDispose]());

  const bodyOf = (id: string, eventTrigger: Json): Json => client.bodyOf(id, "x", ANSWERING, { eventTrigger });

  async function succeeded(answer: { status: number; body: Json }): Promise<FunctionJson> {
    const operation = await booted.wait(answer);
    assert.equal(operation["error"], undefined);
    return operation["response"] as FunctionJson;
  }

  const triggerOf = ({ eventTrigger }: Json) => eventTrigger as Record<string, string>;
  const eventarc = async (name: string) => booted.api.json("GET", `/eventarc/v1/${name}`);
  const stagesOf = ({ body }: { body: Json }) =>
    (body["metadata"] as { stages: Json[] }).stages.map(({ name, state }) => `${String(name)} ${String(state)}`);

  test("one for messages has its topic made, is built for CloudEvents and gets a trigger of Eventarc's", async () => {
    const answer = await client.create("on-message", bodyOf("on-message", onTopic("orders")));
    assert.deepEqual(stagesOf(answer), ["BUILD IN_PROGRESS", "SERVICE NOT_STARTED", "TRIGGER NOT_STARTED"]);
    const fn = await succeeded(answer);
    const { trigger, ...others } = triggerOf(fn);
    assert.match(trigger!, new RegExp(`^${PARENT}/triggers/on-message-\\d{6}$`));
    assert.deepEqual(others, {
      eventType: MESSAGES,
      pubsubTopic: "projects/demo/topics/orders",
      triggerRegion: "us-central1",
      serviceAccountEmail: COMPUTE,
      retryPolicy: "RETRY_POLICY_DO_NOT_RETRY",
    });
    const { body } = await eventarc(trigger!);
    assert.deepEqual(body["destination"], { cloudFunction: `${PARENT}/functions/on-message` });
    assert.deepEqual(body["labels"], { "goog-managed-by": "cloudfunctions" });
    assert.deepEqual(body["retryPolicy"], { maxAttempts: 1 });
    assert.equal(booted.builder.requests.at(-1)!.env["GOOGLE_FUNCTION_SIGNATURE_TYPE"], "cloudevent");
    const { template } = (await booted.api.json("GET", `/run/v2/${PARENT}/services/on-message`)).body as {
      template: { annotations: Json; containers: [{ env: Json[] }] };
    };
    assert.equal(template.annotations["cloudfunctions.googleapis.com/trigger-type"], MESSAGES);
    const variable = template.containers[0].env.find(({ name }) => name === "FUNCTION_SIGNATURE_TYPE");
    assert.equal(variable?.["value"], "cloudevent");
    const operation = await booted.api.json("GET", `/cloudfunctions/v2/${String(answer.body["name"])}`);
    assert.deepEqual(stagesOf(operation), ["BUILD COMPLETE", "SERVICE COMPLETE", "TRIGGER COMPLETE"]);
  });

  test("an update changes how events are tried again and keeps the trigger; others make another one", async () => {
    const first = triggerOf(await succeeded(await client.create("changing", bodyOf("changing", onTopic("first")))));
    const retry = { eventTrigger: { ...first, retryPolicy: "RETRY_POLICY_RETRY" } };
    const answer = await client.patch("changing", retry, "eventTrigger.retryPolicy");
    assert.deepEqual(stagesOf(answer), ["SERVICE IN_PROGRESS", "TRIGGER NOT_STARTED"]);
    const retried = triggerOf(await succeeded(answer));
    assert.deepEqual(retried, { ...first, retryPolicy: "RETRY_POLICY_RETRY" });
    assert.equal((await eventarc(first["trigger"]!)).body["retryPolicy"], undefined);
    const mixed = { eventTrigger: { ...onBucket("photos"), retryPolicy: "RETRY_POLICY_RETRY" } };
    const mask = "eventTrigger.retryPolicy,event_trigger";
    const other = triggerOf(await succeeded(await client.patch("changing", mixed, mask)));
    assert.notEqual(other["trigger"], first["trigger"]);
    assert.match(other["pubsubTopic"]!, /^projects\/demo\/topics\/eventarc-us-central1-changing-\d{6}-\d{3}$/);
    assert.equal(other["retryPolicy"], "RETRY_POLICY_RETRY");
    assert.equal((await eventarc(first["trigger"]!)).status, 404);
    assert.equal((await booted.api.json("GET", "/pubsub/v1/projects/demo/topics/first")).status, 200);
    const again = triggerOf(await succeeded(await client.patch("changing", { eventTrigger: other }, "eventTrigger")));
    assert.deepEqual(again, other);
  });

  test("a function loses its trigger and gets one; it is built for what calls it", async () => {
    const fn = await client.deployed("turning", "x");
    assert.equal(fn["eventTrigger"], undefined);
    const turned = await succeeded(await client.patch("turning", bodyOf("turning", onTopic("turn")), "event_trigger"));
    assert.equal(booted.builder.requests.at(-1)!.env["GOOGLE_FUNCTION_SIGNATURE_TYPE"], "cloudevent");
    const { trigger } = triggerOf(turned);
    assert.equal((await eventarc(trigger!)).status, 200);
    const answer = await client.patch("turning", client.bodyOf("turning", "x"), "event_trigger");
    assert.deepEqual(stagesOf(answer), ["BUILD IN_PROGRESS", "SERVICE NOT_STARTED", "TRIGGER NOT_STARTED"]);
    assert.equal((await succeeded(answer))["eventTrigger"], undefined);
    assert.equal(booted.builder.requests.at(-1)!.env["GOOGLE_FUNCTION_SIGNATURE_TYPE"], "http");
    assert.equal((await eventarc(trigger!)).status, 404);
  });

  test("one that is deleted takes trigger, subscription and transport with it, and leaves the user's topic", async () => {
    const { trigger, pubsubTopic } = triggerOf(
      await succeeded(await client.create("going", bodyOf("going", onBucket("photos")))),
    );
    assert.equal((await booted.api.json("GET", `/pubsub/v1/${pubsubTopic}`)).status, 200);
    const answer = await client.remove("going");
    assert.ok(stagesOf(answer).includes("TRIGGER IN_PROGRESS"));
    await succeeded(answer);
    assert.equal((await eventarc(trigger!)).status, 404);
    assert.equal((await booted.api.json("GET", `/pubsub/v1/${pubsubTopic}`)).status, 404);
    const { body } = await booted.api.json("GET", "/pubsub/v1/projects/demo/subscriptions");
    assert.doesNotMatch(JSON.stringify(body), /eventarc-us-central1-going/);
  });

  test("one that is detached leaves its trigger to Eventarc, which goes on calling the service", async () => {
    const { trigger } = triggerOf(await succeeded(await client.create("leaving", bodyOf("leaving", onTopic("leave")))));
    await succeeded(await booted.api.json("POST", `/cloudfunctions/v2/${PARENT}/functions/leaving:detachFunction`, {}));
    const { body } = await eventarc(trigger!);
    assert.deepEqual(body["destination"], { cloudRun: { service: "leaving", region: "us-central1" } });
    assert.equal(body["labels"], undefined);
  });

  test("what Eventarc does not take is told at once, in Google's words, and nothing is made", async () => {
    const refuse = async (eventTrigger: Json, more: Json = {}) => {
      const answer = messageOf(await client.create("never", { ...bodyOf("never", eventTrigger), ...more }));
      assert.equal((await booted.api.json("GET", `/cloudfunctions/v2/${PARENT}/functions/never`)).status, 404);
      return answer.replace(/never-\d{6}/, "never-NNNNNN");
    };
    const prefix = `400 Validation failed for trigger ${PARENT}/triggers/never-NNNNNN: The request was invalid: `;
    assert.equal(
      await refuse({ eventType: FINALIZED }),
      `${prefix}missing required attribute "bucket" in trigger.event_filters`,
    );
    assert.ok((await refuse(onBucket("absent"))).startsWith(prefix));
    assert.ok(
      (await refuse({ ...onTopic("t11"), serviceAccountEmail: "no@demo.iam.gserviceaccount.com" })).startsWith(prefix),
    );
    assert.match(
      await refuse({ ...onBucket("photos"), triggerRegion: "us" }),
      /^400 Validation failed for trigger .* location/,
    );
    const long = { serviceConfig: { timeoutSeconds: 541 } };
    assert.match(
      await refuse(onTopic("t12"), long),
      /^400 Invalid Request.*timeout must be between 1 and 540 seconds$/,
    );
    for (const topic of ["t11", "t12"])
      assert.equal((await booted.api.json("GET", `/pubsub/v1/projects/demo/topics/${topic}`)).status, 404);
  });
});
