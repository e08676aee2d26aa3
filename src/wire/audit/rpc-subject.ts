import { type DescMethod, getOption, hasOption, type Message, ScalarType } from "@bufbuild/protobuf";
import { default_host } from "../../gen/google/api/client_pb.js";
import { resource, resource_reference } from "../../gen/google/api/resource_pb.js";
import { type AuditSubject, projectOfName } from "./subject.ts";

/** Proto services whose methods have other names in audit logs. Google: the services' "Audit logging" pages. */
const METHOD_PREFIXES: Readonly<Record<string, string>> = {
  "google.iam.admin.v1.IAM": "google.iam.admin.v1.",
  "google.iam.credentials.v1.IAMCredentials": "",
};

type Fields = Readonly<Record<string, unknown>>;

/** How a call of a proto service is named in audit logs; `answer` is that of a call that succeeded. */
export function subjectOfRpc(method: DescMethod, request: Message, answer: Message | undefined): AuditSubject {
  const resourceName = resourceNameOf(method, request, answer);
  const prefix = METHOD_PREFIXES[method.parent.typeName] ?? `${method.parent.typeName}.`;
  return {
    serviceName: getOption(method.parent, default_host),
    methodName: `${prefix}${method.name}`,
    resourceName,
    project: projectOfName(resourceName),
  };
}

/** The resource a request is about: the one it names or makes, or else the parent; "" when it names none. */
export function resourceNameOf(method: DescMethod, request: Message, answer: Message | undefined): string {
  const fields = request as unknown as Fields;
  const answered = (answer as unknown as Fields | undefined)?.["name"];
  const named = [
    fields["name"],
    fields["resource"],
    ...referencesOf(method).map((field) => fields[field]),
    innerName(method, fields),
    madeName(method, fields),
    answered,
    fields["parent"],
    // "channel", "queue", "resource_names", and what else protos call it.
    ...Object.values(fields).flat(),
  ];
  const isOperation = method.output.typeName === "google.longrunning.Operation";
  const found = named.find((name) => isName(name) && !(isOperation && name === answered));
  return typeof found === "string" ? found : "";
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("projects/");
}

/** Fields that hold the name of the resource itself: "topic", "subscription", "sink_name". */
function referencesOf(method: DescMethod): string[] {
  return method.input.fields
    .filter((field) => hasOption(field, resource_reference) && getOption(field, resource_reference).type !== "")
    .filter((field) => field.name !== "parent" && field.fieldKind === "scalar" && field.scalar === ScalarType.STRING)
    .map((field) => field.localName);
}

/** The name of the resource that the request carries. */
function innerName(method: DescMethod, fields: Fields): unknown {
  return innerField(method).flatMap((field) => (fields[field.localName] as Fields | undefined)?.["name"] ?? [])[0];
}

/** The name that a create request gives to its resource by the parent and an id: "function_id". */
function madeName(method: DescMethod, fields: Fields): unknown {
  const [inner] = innerField(method);
  const idField = method.input.fields.find((field) => field.name.endsWith("_id") && field.name !== "request_id");
  const id = idField ? fields[idField.localName] : "";
  const pattern =
    inner?.message && hasOption(inner.message, resource) ? getOption(inner.message, resource).pattern : [];
  const collection = pattern
    .map((each) => /\/([^/{}]+)\/\{[^/]+\}$/.exec(each)?.[1])
    .find((each) => each !== undefined);
  const { parent } = fields;
  return isName(parent) && typeof id === "string" && id && collection
    ? `${parent as string}/${collection}/${id}`
    : undefined;
}

function innerField(method: DescMethod) {
  return method.input.fields.filter(
    (field) => field.fieldKind === "message" && field.message.fields.some(({ name }) => name === "name"),
  );
}
