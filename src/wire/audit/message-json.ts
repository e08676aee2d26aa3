import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";

/** Larger messages are left out of audit entries, characters of JSON. */
const MAX_LENGTH = 32 * 1024;
/** Fields with credentials or what users keep; so are all fields of bytes. Google: audit_log.proto, AuditLog.request. */
const SECRET = /^(access_?token|id_?token|refresh_?token|password|private_?key.*|signed_?jwt|jwt|client_?secret)$/i;
const CONTENTS: Readonly<Record<string, readonly string[]>> = {
  "google.cloud.secretmanager.v1.AddSecretVersionRequest": ["payload"],
  "google.cloud.eventarc.publishing.v1.PublishEventsRequest": ["events"],
  "google.iam.credentials.v1.SignJwtRequest": ["payload"],
  "google.pubsub.v1.PublishRequest": ["messages"],
};

/** A message as audit entries show it, with its type and without contents and credentials; undefined when it is too large. */
export function auditJson(schema: DescMessage, message: Message, registry: Registry): JsonObject | undefined {
  const json = withoutContents(schema, toJson(schema, message, { registry })) as JsonObject;
  return typed(schema.typeName, json);
}

/** JSON of a type, as audit entries show it. */
export function typed(typeName: string, json: JsonObject): JsonObject | undefined {
  const whole = { "@type": `type.googleapis.com/${typeName}`, ...withoutCredentials(json) };
  return JSON.stringify(whole).length > MAX_LENGTH ? undefined : whole;
}

function withoutContents(schema: DescMessage, json: JsonValue): JsonValue {
  if (!isObject(json) || schema.typeName.startsWith("google.protobuf.")) return json;
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(json)) {
    const field = schema.fields.find((each) => each.jsonName === name);
    if (field && (isBytes(field) || CONTENTS[schema.typeName]?.includes(field.name))) continue;
    kept[name] = field?.message ? inside(field, field.message, value) : value;
  }
  return kept;
}

function inside(field: DescField, schema: DescMessage, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each) => withoutContents(schema, each));
  if (field.fieldKind !== "map" || !isObject(value)) return withoutContents(schema, value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutContents(schema, each)]));
}

function withoutCredentials(json: JsonObject): JsonObject {
  const kept = Object.entries(json).filter(([name]) => !SECRET.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, isObject(value) ? withoutCredentials(value) : value]));
}

function isBytes(field: DescField): boolean {
  return (field.fieldKind === "scalar" || field.fieldKind === "list") && field.scalar === ScalarType.BYTES;
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
