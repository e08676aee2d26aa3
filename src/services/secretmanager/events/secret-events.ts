import { toJson } from "@bufbuild/protobuf";
import {
  type Secret,
  SecretSchema,
  type SecretVersion,
  SecretVersionSchema,
} from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outbox, OutgoingMessage } from "../../../wire/outbox/outbox.ts";

type SecretEventType = "SECRET_CREATE" | "SECRET_UPDATE" | "SECRET_DELETE" | "SECRET_ROTATE" | "TOPIC_CONFIGURED";
type VersionEventType = `SECRET_VERSION_${"ADD" | "ENABLE" | "DISABLE" | "DESTROY" | "DESTROY_SCHEDULED"}`;

/**
 * Tells the topics of a secret what happens to it and its versions, after the commit; does nothing for a secret without
 * topics. Google: cloud.google.com/secret-manager/docs/event-notifications.
 */
export interface SecretEvents {
  /** `deleteType` tells who deleted it: somebody ("REQUESTED"), or its own time ("EXPIRATION"). */
  secret(
    transaction: StoreTransaction,
    type: SecretEventType,
    secret: Secret,
    deleteType?: "REQUESTED" | "EXPIRATION",
  ): Promise<void>;
  version(transaction: StoreTransaction, type: VersionEventType, secret: Secret, version: SecretVersion): Promise<void>;
}

export function createSecretEvents({
  outbox,
  clock,
}: {
  readonly outbox: Outbox;
  readonly clock: Clock;
}): SecretEvents {
  return {
    async secret(transaction, type, secret, deleteType) {
      if (secret.topics.length === 0) return;
      const more = deleteType === undefined ? {} : { deleteType };
      await outbox.add(transaction, secretMessages(type, secret, clock.nowMs(), more));
    },
    async version(transaction, type, secret, version) {
      if (secret.topics.length === 0) return;
      const data = Buffer.from(JSON.stringify(toJson(SecretVersionSchema, version)));
      const messages = messagesOf(type, secret, data, clock.nowMs(), { versionId: version.name });
      await outbox.add(transaction, messages);
    },
  };
}

/** The messages of an event of the secret itself, one for each topic. */
export function secretMessages(
  type: SecretEventType,
  secret: Secret,
  nowMs: number,
  more: Readonly<Record<string, string>> = {},
): OutgoingMessage[] {
  return messagesOf(type, secret, Buffer.from(JSON.stringify(toJson(SecretSchema, secret))), nowMs, more);
}

function messagesOf(
  eventType: string,
  secret: Secret,
  data: Buffer,
  nowMs: number,
  more: Readonly<Record<string, string>>,
): OutgoingMessage[] {
  const timestamp = new Date(nowMs).toISOString();
  const attributes = { eventType, dataFormat: "JSON_API_V1", secretId: secret.name, timestamp, ...more };
  const number = secret.name.split("/")[1] ?? "";
  const agent = `service-${number}@gcp-sa-secretmanager.iam.gserviceaccount.com`;
  return secret.topics.map(({ name: topic }) => ({ topic, agent, message: { data, attributes } }));
}
