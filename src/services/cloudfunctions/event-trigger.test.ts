import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type EventTrigger,
  EventTrigger_RetryPolicy as RetryPolicy,
  EventTriggerSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import { completeTrigger, isAsPlanned, MESSAGE_PUBLISHED, planTrigger } from "./event-trigger.ts";
import { triggerViolations } from "./validate-trigger.ts";

const NAME = { project: "demo", location: "us-central1", id: "My_Fn" };
const FUNCTION = "projects/demo/locations/us-central1/functions/My_Fn";
const TRIGGER = "projects/demo/locations/us-central1/triggers/my-fn-000001";
const TOPIC = "projects/demo/topics/orders";
const TRANSPORT = "projects/demo/topics/eventarc-us-central1-my-fn-000001-042";

type Given = MessageInitShape<typeof EventTriggerSchema>;
const onMessages: Given = { eventType: MESSAGE_PUBLISHED, pubsubTopic: TOPIC };
const onUploads: Given = {
  eventType: "google.cloud.storage.object.v1.finalized",
  eventFilters: [{ attribute: "bucket", value: "photos" }],
};

function complete(given: Given, current?: EventTrigger, ...digits: string[]) {
  const all = [...digits, "000001", "000002"];
  return completeTrigger(create(EventTriggerSchema, given), current, NAME, () => all.shift()!);
}

describe("completeTrigger", () => {
  test("fills in what Google fills in, and names the trigger after the service", () => {
    const { trigger, triggerRegion, serviceAccountEmail, retryPolicy, pubsubTopic } = complete(onMessages);
    assert.equal(trigger, TRIGGER);
    assert.equal(triggerRegion, "us-central1");
    assert.equal(serviceAccountEmail, `${projectNumberOf("demo")}-compute@developer.gserviceaccount.com`);
    assert.equal(retryPolicy, RetryPolicy.DO_NOT_RETRY);
    assert.equal(pubsubTopic, TOPIC);
    const abroad = complete({ ...onUploads, triggerRegion: "eu", trigger: "mine" });
    assert.equal(abroad.trigger, "projects/demo/locations/eu/triggers/my-fn-000001");
  });

  test("keeps the trigger while the events are the same, whoever is asked to bring them", () => {
    const current = Object.assign(complete(onUploads), { pubsubTopic: TRANSPORT });
    for (const given of [onUploads, { ...onUploads, pubsubTopic: TRANSPORT }, { ...onUploads, retryPolicy: 2 }]) {
      const next = complete(given, current, "999999");
      assert.deepEqual([next.trigger, next.pubsubTopic], [TRIGGER, TRANSPORT]);
    }
    const filters = [...onUploads.eventFilters!, { attribute: "x", value: "y" }];
    const two = complete({ ...onUploads, eventFilters: filters });
    assert.equal(complete({ ...onUploads, eventFilters: filters.toReversed() }, two, "999999").trigger, two.trigger);
  });

  test("other events are another trigger, never of the same name, and without the transport of the last one", () => {
    const current = Object.assign(complete(onUploads), { pubsubTopic: TRANSPORT });
    const others: Given[] = [
      onMessages,
      { ...onUploads, triggerRegion: "us" },
      { ...onUploads, channel: "projects/demo/locations/us-central1/channels/c" },
      { ...onUploads, eventFilters: [{ attribute: "bucket", value: "films" }] },
      { ...onUploads, eventType: "google.cloud.storage.object.v1.deleted", pubsubTopic: TRANSPORT },
    ];
    for (const given of others) {
      const next = complete(given, current, "000001");
      assert.notEqual(next.trigger, current.trigger);
      assert.notEqual(next.pubsubTopic, TRANSPORT);
    }
  });
});

describe("planTrigger", () => {
  test("is a trigger of the function with the type among its filters", () => {
    const planned = planTrigger(complete({ ...onUploads, retryPolicy: RetryPolicy.RETRY }), FUNCTION);
    const filters = planned.eventFilters.map(({ attribute, value }) => `${attribute}=${value}`);
    assert.deepEqual(filters, ["type=google.cloud.storage.object.v1.finalized", "bucket=photos"]);
    assert.deepEqual(planned.destination?.descriptor, { case: "cloudFunction", value: FUNCTION });
    assert.deepEqual(planned.labels, { "goog-managed-by": "cloudfunctions" });
    assert.equal(planned.transport, undefined);
    assert.equal(planned.retryPolicy, undefined);
  });

  test("names the user's topic, never Eventarc's own, and one attempt where nothing is retried", () => {
    const planned = planTrigger(complete(onMessages), FUNCTION);
    assert.equal(planned.transport?.intermediary.value?.topic, TOPIC);
    assert.equal(planned.retryPolicy?.maxAttempts, 1);
    const uploads = planTrigger(Object.assign(complete(onUploads), { pubsubTopic: TRANSPORT }), FUNCTION);
    assert.equal(uploads.transport, undefined);
    assert.ok(isAsPlanned(uploads, uploads));
    const retried = planTrigger(complete({ ...onUploads, retryPolicy: RetryPolicy.RETRY }), FUNCTION);
    assert.ok(!isAsPlanned(uploads, retried));
  });
});

describe("triggerViolations", () => {
  const faultsOf = (given: Given) =>
    [...triggerViolations(complete(given), NAME)].map(
      ({ field, description }) => `${field.replace("function.event_trigger.", "")}: ${description}`,
    );

  test("a trigger that may be has none", () => {
    assert.deepEqual(faultsOf(onMessages), []);
    assert.deepEqual(faultsOf({ ...onMessages, pubsubTopic: `projects/${projectNumberOf("demo")}/topics/abc` }), []);
    assert.deepEqual(faultsOf({ ...onUploads, triggerRegion: "us" }), []);
  });

  const faults: [Given, RegExp][] = [
    [{}, /^event_type: event type must be given$/],
    [{ ...onUploads, pubsubTopic: TOPIC }, /^pubsub_topic: a topic is only valid for events of type/],
    [{ ...onMessages, pubsubTopic: "orders" }, /^pubsub_topic: 'orders' must match projects/],
    [{ ...onMessages, pubsubTopic: "projects/other/topics/abc" }, /must be in the function's project demo$/],
    [{ ...onMessages, eventFilters: [{ attribute: "a" }] }, /^event_filters: attribute and value/],
    [{ ...onMessages, eventFilters: [{ attribute: "type", value: "x" }] }, /^event_filters: the type of events/],
    [
      { ...onMessages, eventFilters: [{ attribute: "a", value: "b", operator: "regex" }] },
      /^event_filters: operator 'regex' is not allowed; the only one is match-path-pattern$/,
    ],
    [{ ...onMessages, channel: "c" }, /^channel: 'c' must match/],
    [{ ...onMessages, serviceAccountEmail: "x" }, /^service_account_email: invalid service account 'x'$/],
    [{ ...onMessages, triggerRegion: "../x" }, /^trigger_region: invalid trigger region/],
    [{ ...onMessages, service: "storage.googleapis.com" }, /^service: service is only applicable to 1st Gen/],
  ];
  for (const [given, fault] of faults)
    test(`tells ${fault.source}`, () => {
      const found = faultsOf(given);
      assert.equal(found.length, 1, found.join("; "));
      assert.match(found[0]!, fault);
    });
});
