import type { DescField } from "@bufbuild/protobuf";
import { isReflectMessage, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Service, ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import { unsupportedField } from "../../wire/errors.ts";

/**
 * The fields of a Service that homerun acts on, by message; every other one is refused by name when it is set.
 * Messages that are not listed are supported as a whole.
 */
const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  Service: [
    "name",
    "description",
    "labels",
    "annotations",
    "client",
    "client_version",
    "ingress",
    "launch_stage",
    "template",
    "traffic",
    "scaling",
    "invoker_iam_disabled",
    "default_uri_disabled",
    "custom_audiences",
    "build_config",
    "etag",
  ],
  RevisionTemplate: [
    "revision",
    "labels",
    "annotations",
    "scaling",
    "timeout",
    "service_account",
    "containers",
    "execution_environment",
    "max_instance_request_concurrency",
    "health_check_disabled",
  ],
  Container: [
    "name",
    "image",
    "command",
    "args",
    "env",
    "resources",
    "ports",
    "working_dir",
    "startup_probe",
    "base_image_uri",
  ],
  EnvVar: ["name", "value"],
  HTTPGetAction: ["path", "port"],
  ServiceScaling: ["min_instance_count", "max_instance_count", "scaling_mode"],
};

/** Refuses a service that sets a field which homerun does not act on, for example service.template.volumes. */
export function assertSupportedFields(service: Service): void {
  checkMessage(reflect(ServiceSchema, service), "service");
}

function checkMessage(message: ReflectMessage, path: string): void {
  const supported = SUPPORTED[message.desc.name];
  for (const field of message.sortedFields) {
    if (!message.isSet(field) || isOutputOnly(message, field)) continue;
    const fieldPath = `${path}.${field.name}`;
    if (supported && !supported.includes(field.name) && !isEmptyValue(message.get(field))) {
      throw unsupportedField(fieldPath);
    }
    for (const [innerPath, inner] of innerMessages(message, field, fieldPath)) checkMessage(inner, innerPath);
  }
}

function* innerMessages(message: ReflectMessage, field: DescField, path: string): Iterable<[string, ReflectMessage]> {
  if (field.fieldKind === "message") yield [path, message.get(field)];
  if (field.fieldKind !== "list" || field.listKind !== "message") return;
  for (const [index, item] of [...message.get(field)].entries()) yield [`${path}[${index}]`, item as ReflectMessage];
}

/** What the server itself has written into a stored service is not the client's wish. */
function isOutputOnly({ desc }: ReflectMessage, field: DescField): boolean {
  return desc.name === "Service" && OUTPUT_ONLY.has(field.name);
}

const OUTPUT_ONLY = new Set([
  "uid",
  "generation",
  "create_time",
  "update_time",
  "delete_time",
  "creator",
  "last_modifier",
  "urls",
  "observed_generation",
  "terminal_condition",
  "conditions",
  "latest_ready_revision",
  "latest_created_revision",
  "traffic_statuses",
  "uri",
  "reconciling",
]);

/** Clients send empty messages and explicit false for settings they do not use. */
function isEmptyValue(value: unknown): boolean {
  if (value === false || value === 0 || value === "") return true;
  return isReflectMessage(value) && value.sortedFields.every((field) => isUnset(value, field));
}

function isUnset(message: ReflectMessage, field: DescField): boolean {
  if (!message.isSet(field)) return true;
  // One of several kinds was chosen: an empty message says which.
  const isChoice = field.fieldKind === "message" && field.oneof !== undefined;
  return !isChoice && isEmptyValue(message.get(field));
}
