import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  bootEventarc,
  type BootedEventarc,
  filtersOf,
  type Json,
  MESSAGE_PUBLISHED as MESSAGES,
  OBJECT_FINALIZED as FINALIZED,
  refusalOf,
} from "../../../../tests/support/boot-eventarc.ts";

describe("Eventarc refuses triggers", () => {
  let booted: BootedEventarc;
  before(async () => {
    booted = await bootEventarc();
  });
  after(() => booted[Symbol.asyncDispose]());

  const refused: readonly (readonly [why: string, trigger: Json, message: RegExp])[] = [
    ["no type", { eventFilters: [{ attribute: "bucket", value: "b" }] }, /missing required attribute "type"/],
    ["an unknown type", { eventFilters: filtersOf("x.y") }, /event type "x.y" is not supported$/],
    [
      "no bucket",
      { eventFilters: filtersOf(FINALIZED) },
      /missing required attribute "bucket" in trigger.event_filters$/,
    ],
    [
      "an attribute of other events",
      { eventFilters: filtersOf(MESSAGES, ["bucket", "b"]) },
      /invalid attribute "bucket" for event type "google.cloud.pubsub/,
    ],
    [
      "a pattern where none is taken",
      { eventFilters: filtersOf(FINALIZED, ["bucket", "b*", "match-path-pattern"]) },
      /operator "match-path-pattern" is not supported by this attribute$/,
    ],
    [
      "a pattern of 1st gen functions",
      { eventFilters: filtersOf(FINALIZED, ["bucket", "b", "path_pattern"]) },
      /operator "path_pattern" is not supported$/,
    ],
    ["an attribute twice", { eventFilters: filtersOf(MESSAGES, ["type", MESSAGES]) }, /the attribute is repeated$/],
    [
      "a topic for objects",
      {
        eventFilters: filtersOf(FINALIZED, ["bucket", "photos"]),
        transport: { pubsub: { topic: "projects/demo/topics/t" } },
      },
      /can only be set for events of type google.cloud.pubsub/,
    ],
    [
      "Firestore in JSON",
      { eventFilters: filtersOf("google.cloud.firestore.document.v1.written", ["database", "(default)"]) },
      /invalid value for trigger.event_data_content_type: "" is not supported by this event type$/,
    ],
    ["no destination", { destination: {}, eventFilters: filtersOf(MESSAGES) }, /trigger.destination must be set$/],
    [
      "GKE",
      { destination: { gke: { cluster: "c" } }, eventFilters: filtersOf(MESSAGES) },
      /^The field trigger.destination.gke is not supported by homerun.$/,
    ],
    [
      "Workflows",
      { destination: { workflow: "projects/p/locations/l/workflows/w" }, eventFilters: filtersOf(MESSAGES) },
      /^The field trigger.destination.workflow is not supported by homerun.$/,
    ],
    [
      "a function",
      { destination: { cloudFunction: "projects/p/locations/l/functions/f" }, eventFilters: filtersOf(MESSAGES) },
      /only supported via the Cloud Functions product$/,
    ],
    [
      "a URI that is none",
      { destination: { httpEndpoint: { uri: "ftp://x" } }, eventFilters: filtersOf(MESSAGES) },
      /invalid URI "ftp:\/\/x"$/,
    ],
    [
      "a network for Cloud Run",
      {
        destination: { cloudRun: { service: "s", region: "us-central1" }, networkConfig: { networkAttachment: "x" } },
        eventFilters: filtersOf(MESSAGES),
      },
      /network_config can only be set with an HTTP endpoint destination$/,
    ],
    [
      "an account out of form",
      { serviceAccount: "me", eventFilters: filtersOf(MESSAGES) },
      /invalid service account "me"$/,
    ],
    [
      "an account that is not there",
      { serviceAccount: "none@demo.iam.gserviceaccount.com", eventFilters: filtersOf(MESSAGES) },
      /service account "none@demo.iam.gserviceaccount.com" was not found$/,
    ],
    [
      "two attempts",
      { retryPolicy: { maxAttempts: 2 }, eventFilters: filtersOf(MESSAGES) },
      /can only be set with Cloud Run/,
    ],
  ];
  for (const [why, trigger, message] of refused)
    test(`with ${why}`, async () => assert.match(await refusalOf(booted.create("refused", trigger)), message));

  test("with ids and locations that are none", async () => {
    const eventFilters = filtersOf(MESSAGES);
    assert.match(await refusalOf(booted.create("Bad_Id", { eventFilters })), /"Bad_Id" does not match the pattern/);
    const mars = booted.create("x", { eventFilters }, "", "projects/demo/locations/mars");
    assert.match(await refusalOf(mars), /the location mars is not supported$/);
  });
});
