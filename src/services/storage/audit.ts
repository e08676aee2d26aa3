import type { DescMethod, Message } from "@bufbuild/protobuf";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import type { AuditSubject, SurfaceAudit } from "../../wire/audit/subject.ts";
import type { AuditKind } from "../../wire/rpc.ts";
import { bucketName } from "./buckets/bucket.ts";
import type { StorageModel } from "./model.ts";
import { routeOf } from "./json/json-api.ts";
import { placeOf } from "./xml/place-of.ts";

const KINDS: Readonly<Record<string, AuditKind>> = {
  "storage.buckets.create": "ADMIN_WRITE",
  "storage.buckets.update": "ADMIN_WRITE",
  "storage.buckets.delete": "ADMIN_WRITE",
  "storage.buckets.setIamPolicy": "ADMIN_WRITE",
  "storage.buckets.get": "ADMIN_READ",
  "storage.buckets.list": "ADMIN_READ",
  "storage.buckets.getIamPolicy": "ADMIN_READ",
  "storage.objects.get": "DATA_READ",
  "storage.objects.list": "DATA_READ",
  "storage.objects.create": "DATA_WRITE",
  "storage.objects.update": "DATA_WRITE",
  "storage.objects.delete": "DATA_WRITE",
  "storage.objects.move": "DATA_WRITE",
};

/** Methods that audit logs do not call as the permission they need. */
const METHOD_NAMES: Readonly<Record<string, string>> = {
  "storage.buckets.setIamPolicy": "storage.setIamPermissions",
  "storage.buckets.getIamPolicy": "storage.getIamPermissions",
  "storage.objects.move": "storage.objects.create",
};

/** Permissions that the methods of google.storage.v2 need. */
const RPC_PERMISSIONS: Readonly<Record<string, string>> = Object.fromEntries([
  ...["Create", "Get", "Update", "Delete"].map((verb) => [`${verb}Bucket`, `storage.buckets.${verb.toLowerCase()}`]),
  ...["Get", "Update", "Delete", "Move"].map((verb) => [`${verb}Object`, `storage.objects.${verb.toLowerCase()}`]),
  ...["ComposeObject", "RewriteObject", "StartResumableWrite"].map((name) => [name, "storage.objects.create"]),
  ...["GetIamPolicy", "SetIamPolicy"].map((name) => [
    name,
    `storage.buckets.${name[0]!.toLowerCase()}${name.slice(1)}`,
  ]),
  ["ListBuckets", "storage.buckets.list"],
  ["ListObjects", "storage.objects.list"],
  ["ReadObject", "storage.objects.get"],
]);

const XML_PERMISSIONS: Readonly<Record<"bucket" | "object", Readonly<Record<string, string>>>> = {
  bucket: {
    GET: "storage.objects.list",
    HEAD: "storage.buckets.get",
    PUT: "storage.buckets.create",
    DELETE: "storage.buckets.delete",
  },
  object: {
    GET: "storage.objects.get",
    HEAD: "storage.objects.get",
    PUT: "storage.objects.create",
    DELETE: "storage.objects.delete",
  },
};

const SERVICE = "storage.googleapis.com";

/** How audit logs name the calls of google.storage.v2. Google: cloud.google.com/storage/docs/audit-logging. */
export function rpcSubject(model: StorageModel) {
  return async (method: DescMethod, request: Message): Promise<Partial<AuditSubject>> => {
    if (method.parent !== Storage) return {};
    const fields = request as unknown as Readonly<Record<string, unknown>>;
    const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
    const inner = (fields["bucket"] ?? fields["object"] ?? fields["destination"] ?? writtenIn(fields)) as {
      name?: string;
      bucket?: string;
      project?: string;
    };
    const id =
      text("bucketId") ||
      bucketIn(
        text("bucket"),
        text("name"),
        text("resource"),
        text("destinationBucket"),
        text("parent"),
        inner?.name,
        inner?.bucket,
      );
    const object =
      text("object") ||
      text("destinationName") ||
      text("destinationObject") ||
      (inner?.bucket ? (inner.name ?? "") : "");
    const methodName = methodNameOf(RPC_PERMISSIONS[method.name] ?? "");
    const made = /^projects\/([^/_]+)$/.exec(inner?.project || text("parent"))?.[1];
    if (id === "") return { methodName, resourceName: "projects/_", project: made && model.projects.idOf(made) };
    const place = made ? { project: model.projects.idOf(made) } : await placeOfBucket(model, id);
    return { methodName, resourceName: resourceNameOf(id, object), ...place };
  };
}

/** The object that an upload is to become, of requests that begin one. */
function writtenIn({ writeObjectSpec, firstMessage }: Readonly<Record<string, unknown>>): unknown {
  const spec = writeObjectSpec ?? (firstMessage as { readonly value?: unknown } | undefined)?.value;
  return (spec as { readonly resource?: unknown } | undefined)?.resource;
}

/** How audit logs name requests to the JSON API. */
export function jsonAudit(model: StorageModel, request: Request): SurfaceAudit | undefined {
  const url = new URL(request.url);
  const route = routeOf(request, url);
  if (!route || !(route.permission in KINDS)) return undefined;
  const { permission, params } = route;
  const query = url.searchParams;
  const isStart = route.tree === "upload" && request.method === "POST" && query.get("uploadType") === "resumable";
  if (isStart || (route.tree === "upload" && request.method === "DELETE")) return undefined;
  const [bucket = "", object = query.get("name") ?? ""] = targetOf(route.pattern, params);
  const project = query.get("project");
  const isMade = route.tree === "upload" || permission === "storage.buckets.create";
  return {
    serviceName: SERVICE,
    methodName: methodNameOf(permission),
    permission,
    kind: KINDS[permission]!,
    resourceName: bucket ? resourceNameOf(bucket, object) : "projects/_",
    place: async () =>
      bucket ? placeOfBucket(model, bucket) : { project: project ? model.projects.idOf(project) : undefined },
    // Only what is made may be named in the body; what is read says anything.
    ...(isMade && { nameIn: (answer: Named) => nameIn(bucket, answer) }),
  };
}

/** How audit logs name requests to the XML API; those with a signature are anonymous to them, as they are to the wire. */
export function xmlAudit(model: StorageModel, request: Request): SurfaceAudit | undefined {
  const { bucket, object } = placeOf(request);
  const permission = XML_PERMISSIONS[object ? "object" : "bucket"][request.method];
  if (permission === undefined || bucket === "") return undefined;
  const named = request.headers.get("x-goog-project-id");
  const isMade = permission === "storage.buckets.create" && named !== null;
  return {
    serviceName: SERVICE,
    methodName: methodNameOf(permission),
    permission,
    kind: KINDS[permission]!,
    resourceName: resourceNameOf(bucket, object),
    place: async () => (isMade ? { project: model.projects.idOf(named) } : placeOfBucket(model, bucket)),
  };
}

function methodNameOf(permission: string): string {
  return METHOD_NAMES[permission] ?? permission;
}

function resourceNameOf(bucket: string, object: string): string {
  return object ? `${bucketName(bucket)}/objects/${object}` : bucketName(bucket);
}

interface Named {
  readonly kind?: unknown;
  readonly name?: unknown;
}

/** Uploads and new buckets may be named in the body. */
function nameIn(bucket: string, { kind, name }: Named): string | undefined {
  if (typeof name !== "string") return undefined;
  if (kind === "storage#bucket") return bucketName(name);
  return kind === "storage#object" && bucket !== "" ? resourceNameOf(bucket, name) : undefined;
}

/** Bucket and object that a path is about; of a copy those that it makes. */
function targetOf(pattern: RegExp, params: readonly string[]): readonly (string | undefined)[] {
  if (params.length === 4) return params.slice(2);
  if (params.length === 3) return [params[0], params[2]];
  return pattern.source.includes("notificationConfigs") ? params.slice(0, 1) : params;
}

async function placeOfBucket({ bucketStore }: StorageModel, id: string) {
  const row = await bucketStore.get(id);
  return { project: row?.project, location: row?.bucket.location.toLowerCase() };
}

function bucketIn(...names: readonly (string | undefined)[]): string {
  for (const name of names) {
    const id = /^projects\/_\/buckets\/([^/]+)/.exec(name ?? "")?.[1];
    if (id !== undefined) return id;
  }
  return "";
}
