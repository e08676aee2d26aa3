import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type PubsubMessage, PushConfigSchema } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import { pushContent } from "../push-request.ts";
import { sampleMessage } from "../testing/memory-deliveries.ts";

const SUBSCRIPTION = "projects/test-project/subscriptions/eventarc-us-central1-trigger-sub-123";
const COMMON = ["accept", "accept-encoding", "from", "user-agent"];

describe("messages as CloudEvents over HTTP", () => {
  test("a published message", () => {
    const message = sampleMessage("3103425958877813", {
      data: Buffer.from("test message 3"),
      attributes: { attr1: "attr1-value" },
    });
    const { headers, body } = push("CUSTOM_PUBSUB_projects/test-project/topics/my-topic", message);
    assert.deepEqual(headers, {
      "ce-id": "3103425958877813",
      "ce-source": "//pubsub.googleapis.com/projects/test-project/topics/my-topic",
      "ce-specversion": "1.0",
      "ce-time": "2023-11-14T22:13:20.123Z",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "content-type": "application/json",
    });
    assert.deepEqual(JSON.parse(String(body)), {
      message: {
        attributes: { attr1: "attr1-value" },
        data: "dGVzdCBtZXNzYWdlIDM=",
        messageId: "3103425958877813",
        message_id: "3103425958877813",
        publishTime: "2023-11-14T22:13:20.123Z",
        publish_time: "2023-11-14T22:13:20.123Z",
      },
      subscription: SUBSCRIPTION,
    });
  });

  test("each change of an object", () => {
    const types = {
      OBJECT_FINALIZE: "finalized",
      OBJECT_DELETE: "deleted",
      OBJECT_ARCHIVE: "archived",
      OBJECT_METADATA_UPDATE: "metadataUpdated",
    };
    for (const [eventType, type] of Object.entries(types)) {
      const { headers, body } = push("GCS_NOTIFICATION", notification(eventType, "folder/Test.cs"));
      assert.deepEqual(headers, {
        "ce-bucket": "sample-bucket",
        "ce-id": "1234567",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/sample-bucket",
        "ce-specversion": "1.0",
        "ce-subject": "objects/folder/Test.cs",
        "ce-time": "2024-11-28T22:28:56.763855Z",
        "ce-type": `google.cloud.storage.object.v1.${type}`,
        "content-type": "application/json",
      });
      assert.equal(Buffer.from(body as Uint8Array).toString(), '{"kind":"storage#object"}');
    }
  });

  test("names beyond ASCII are percent-encoded in headers", () => {
    const subject = (name: string) =>
      push("GCS_NOTIFICATION", notification("OBJECT_FINALIZE", name)).headers["ce-subject"];
    assert.equal(subject("My File 100%.txt"), "objects/My File 100%.txt");
    assert.equal(subject('Ö 100%"'), "objects/%C3%96%20100%25%22");
    assert.equal(subject("a\r\nx: y"), "objects/a%0D%0Ax:%20y");
    assert.equal(subject("trailing "), "objects/trailing%20");
  });

  test("an entry of an audit log", () => {
    const { headers, body } = push("AUDIT_LOG", sampleMessage("1", { data: Buffer.from(JSON.stringify(AUDIT_ENTRY)) }));
    assert.deepEqual(headers, {
      "ce-dataschema":
        "https://googleapis.github.io/google-cloudevents/jsonschema/google/events/cloud/audit/v1/LogEntryData.json",
      "ce-id": "projects/test-project/logs/cloudaudit.googleapis.com%2Factivity9frck8cf9j1593533687593398",
      "ce-methodname": "google.pubsub.v1.Publisher.CreateTopic",
      "ce-recordedtime": "2020-06-30T16:14:47.593398572Z",
      "ce-resourcename": "projects/test-project/topics/test-auditlogs-source",
      "ce-servicename": "pubsub.googleapis.com",
      "ce-source": "//cloudaudit.googleapis.com/projects/test-project/logs/activity",
      "ce-specversion": "1.0",
      "ce-subject": "pubsub.googleapis.com/projects/test-project/topics/test-auditlogs-source",
      "ce-time": "2020-06-30T16:14:48.401489148Z",
      "ce-type": "google.cloud.audit.log.v1.written",
      "content-type": "application/json; charset=utf-8",
    });
    assert.deepEqual(JSON.parse(String(body)), {
      ...AUDIT_ENTRY,
      protoPayload: {
        methodName: "google.pubsub.v1.Publisher.CreateTopic",
        request: { name: "projects/test-project/topics/test-auditlogs-source" },
        resourceName: "projects/test-project/topics/test-auditlogs-source",
        serviceName: "pubsub.googleapis.com",
      },
    });
  });

  test("an event that the message carries in attributes, or whole", () => {
    const attributes = {
      "ce-datacontenttype": "application/protobuf",
      "ce-document": "users/ö",
      "ce-id": "2e182641",
      "ce-source": "//firestore.googleapis.com/projects/p/databases/(default)",
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.firestore.document.v1.written",
      other: "not of the event",
    };
    const data = Buffer.from([10, 128, 1, 255]);
    const { headers, body } = push("CE_PUBSUB_BINDING", sampleMessage("1", { attributes, data }));
    assert.deepEqual(headers, {
      "ce-document": "users/%C3%B6",
      "ce-id": "2e182641",
      "ce-source": "//firestore.googleapis.com/projects/p/databases/(default)",
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.firestore.document.v1.written",
      "content-type": "application/protobuf",
    });
    assert.deepEqual(body, data);
    const whole = { "content-type": "application/cloudevents+json; charset=utf-8" };
    const structured = push("CE_PUBSUB_BINDING", sampleMessage("1", { attributes: whole, data }));
    assert.deepEqual(structured, { headers: whole, body: data });
  });

  test("what is no event of its mode is pushed as any message", () => {
    const attributes = {
      "ce-id": "1",
      "ce-source": "s",
      "ce-specversion": "1.0",
      "ce-type": "t",
      "ce-document": "users/x ",
    };
    const plain: [mode: string, message: PubsubMessage][] = [
      ["CE_PUBSUB_BINDING", sampleMessage("1", { attributes })],
      ["CE_PUBSUB_BINDING", sampleMessage("1", { attributes: { "ce-id": "1" } })],
      ["GCS_NOTIFICATION", sampleMessage("1")],
      ["AUDIT_LOG", sampleMessage("1", { data: Buffer.from("{") })],
      ["AUDIT_LOG", sampleMessage("1", { data: Buffer.from('{"logName":"projects/p/logs/other"}') })],
      ["SOMETHING_ELSE", sampleMessage("1")],
    ];
    for (const [mode, message] of plain) {
      const { headers, body } = push(mode, message);
      assert.deepEqual(headers, { "content-type": "application/json" });
      assert.equal((JSON.parse(String(body)) as { subscription: string }).subscription, SUBSCRIPTION);
    }
  });
});

function push(mode: string, message: PubsubMessage) {
  const pushEndpoint = `https://hello-1.us-central1.run.app/path?__GCP_CloudEventsMode=${encodeURIComponent(mode)}`;
  const config = create(PushConfigSchema, { pushEndpoint });
  const { headers, body } = pushContent(config, { subscription: SUBSCRIPTION, message, deliveryAttempt: undefined });
  return { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !COMMON.includes(name))), body };
}

function notification(eventType: string, objectId: string): PubsubMessage {
  const attributes = { eventType, bucketId: "sample-bucket", objectId, eventTime: "2024-11-28T22:28:56.763855Z" };
  return sampleMessage("1234567", { attributes, data: Buffer.from('{"kind":"storage#object"}') });
}

/** Google: google-cloudevents, testdata, LogEntryData-pubsubCreateTopic.json, shortened. */
const AUDIT_ENTRY = {
  insertId: "9frck8cf9j",
  logName: "projects/test-project/logs/cloudaudit.googleapis.com%2Factivity",
  protoPayload: {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    methodName: "google.pubsub.v1.Publisher.CreateTopic",
    request: {
      "@type": "type.googleapis.com/google.pubsub.v1.Topic",
      name: "projects/test-project/topics/test-auditlogs-source",
    },
    resourceName: "projects/test-project/topics/test-auditlogs-source",
    serviceName: "pubsub.googleapis.com",
  },
  receiveTimestamp: "2020-06-30T16:14:48.401489148Z",
  severity: "NOTICE",
  timestamp: "2020-06-30T16:14:47.593398572Z",
};
