import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Function, FunctionSchema, OperationType } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { Code } from "../../gen/google/rpc/code_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";

/** Work under way for a function; there is at most one. */
export interface Deployment {
  /** Full name of the operation that follows it. */
  readonly operation: string;
  readonly type: OperationType;
  readonly createTimeMs: number;
  /** Last time that a step was done, for giving up on internal errors. */
  readonly progressMs: number;
  /** What the client asked for; undefined for a deletion. */
  readonly request: Function | undefined;
  /** What serves while an update is under way, and again if it fails; undefined when nothing serves. */
  readonly previous: { readonly function: Function; readonly image: string } | undefined;
  /** Where the build's log goes, a BuildOptions.LoggingMode name: gcloud finds it there. */
  readonly logging: "LEGACY" | "CLOUD_LOGGING_ONLY";
  readonly step: "BUILD" | "SERVICE" | "TRIGGER" | "ROLLBACK" | "DELETE" | "DETACH";
  readonly hasBuild: boolean;
  /** Whether the function has, or had, a trigger to be looked after. */
  readonly hasTrigger: boolean;
  /** Eventarc trigger of the function before this deployment, by full name; "" when it had none. */
  readonly formerTrigger: string;
  /** Why the deployment is rolled back. */
  readonly failure?: { readonly type: string; readonly message: string; readonly code: Code };
  /** Cloud Build id; "" until the build is queued. */
  readonly buildId: string;
}

/** A function as it is stored. */
export interface StoredFunction {
  readonly name: string;
  readonly uid: string;
  /** Raised by each change of intent. */
  readonly generation: number;
  readonly version: number;
  readonly createTimeMs: number;
  readonly function: Function;
  /** Digest reference of the image that `function` was built to; "" before its first build. */
  readonly image: string;
  readonly deployment: Deployment | undefined;
}

/** The row of a function. */
export function toRow(stored: StoredFunction, nowMs: number): ResourceRow {
  const { name, uid, generation, version, createTimeMs, deployment, image } = stored;
  const message = {
    function: toJson(FunctionSchema, stored.function),
    image,
    ...(deployment && { deployment: deploymentToJson(deployment) }),
  };
  return {
    name,
    parent: name.slice(0, name.lastIndexOf("/functions/")),
    uid,
    generation,
    version,
    message: JSON.stringify(message),
    unfinished: deployment !== undefined,
    createTimeMs,
    updateTimeMs: nowMs,
  };
}

/** The function of a row. */
export function fromRow(row: ResourceRow): StoredFunction {
  const { name, uid, generation, version, createTimeMs } = row;
  const message = JSON.parse(row.message) as StoredJson;
  const { image, deployment } = message;
  return {
    name,
    uid,
    generation,
    version,
    createTimeMs,
    image,
    function: fromJson(FunctionSchema, message.function),
    deployment: deployment && deploymentFromJson(deployment),
  };
}

/** Names what one deployment makes: derived from uid and generation, so that a repeated attempt finds it again. */
export function deploymentIdOf({ uid, generation }: Pick<StoredFunction, "uid" | "generation">): string {
  return `gcf-${uid}-${generation}`;
}

interface StoredJson {
  readonly function: JsonValue;
  readonly image: string;
  readonly deployment?: DeploymentJson;
}

type DeploymentJson = Omit<Deployment, "type" | "request" | "previous"> & {
  readonly type: keyof typeof OperationType;
  readonly request?: JsonValue;
  readonly previous?: { readonly function: JsonValue; readonly image: string };
};

function deploymentToJson({ type, request, previous, ...rest }: Deployment): DeploymentJson {
  return {
    ...rest,
    type: OperationType[type] as keyof typeof OperationType,
    ...(request && { request: toJson(FunctionSchema, request) }),
    ...(previous && { previous: { ...previous, function: toJson(FunctionSchema, previous.function) } }),
  };
}

function deploymentFromJson({ type, request, previous, ...rest }: DeploymentJson): Deployment {
  return {
    ...rest,
    type: OperationType[type],
    request: request === undefined ? undefined : fromJson(FunctionSchema, request),
    previous: previous && { ...previous, function: fromJson(FunctionSchema, previous.function) },
  };
}
