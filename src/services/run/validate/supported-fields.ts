import { type DescField, type DescMessage, getOption, hasOption, type MessageShape } from "@bufbuild/protobuf";
import { isReflectMessage, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { field_behavior, FieldBehavior } from "../../../gen/google/api/field_behavior_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";

/**
 * The fields that homerun does not act on, by message; they are refused by name when they are set, and everything else
 * is acted on.
 */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  Service: ["binary_authorization", "iap_enabled", "multi_region_settings"],
  RevisionTemplate: [
    "encryption_key",
    "encryption_key_revocation_action",
    "encryption_key_shutdown_duration",
    "service_mesh",
    "node_selector",
    "gpu_zonal_redundancy_disabled",
  ],
  Container: ["source_code"],
  Volume: ["cloud_sql_instance", "nfs"],
};

/**
 * Refuses a resource that sets a field which homerun does not act on, for example service.template.encryption_key.
 * `path` is how the request calls the resource; `unsupported` names fields of further messages.
 */
export function assertSupportedFields<Schema extends DescMessage>(
  schema: Schema,
  resource: MessageShape<Schema>,
  path: string,
  unsupported: Readonly<Record<string, readonly string[]>> = {},
): void {
  checkMessage(reflect(schema, resource), path, { ...UNSUPPORTED, ...unsupported });
}

function checkMessage(message: ReflectMessage, path: string, refused: Readonly<Record<string, readonly string[]>>) {
  for (const field of message.sortedFields) {
    // What the server itself has written into a stored resource is not the client's wish.
    if (!message.isSet(field) || isOutputOnly(field)) continue;
    const fieldPath = `${path}.${field.name}`;
    if (refused[message.desc.name]?.includes(field.name) && (isChoice(field) || !isEmptyValue(message.get(field)))) {
      throw unsupportedField(fieldPath);
    }
    for (const [innerPath, inner] of innerMessages(message, field, fieldPath)) checkMessage(inner, innerPath, refused);
  }
}

function* innerMessages(message: ReflectMessage, field: DescField, path: string): Iterable<[string, ReflectMessage]> {
  if (field.fieldKind === "message") yield [path, message.get(field)];
  if (field.fieldKind !== "list" || field.listKind !== "message") return;
  for (const [index, item] of [...message.get(field)].entries()) yield [`${path}[${index}]`, item as ReflectMessage];
}

function isOutputOnly(field: DescField): boolean {
  return hasOption(field, field_behavior) && getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY);
}

/** Clients send empty messages and explicit false for settings they do not use. */
function isEmptyValue(value: unknown): boolean {
  if (value === false || value === 0 || value === "") return true;
  return isReflectMessage(value) && value.sortedFields.every((field) => isUnset(value, field));
}

function isUnset(message: ReflectMessage, field: DescField): boolean {
  if (!message.isSet(field)) return true;
  return !isChoice(field) && isEmptyValue(message.get(field));
}

/** One of several kinds: an empty message says which was chosen. */
function isChoice(field: DescField): boolean {
  return field.fieldKind === "message" && field.oneof !== undefined;
}
