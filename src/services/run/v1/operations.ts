import { type Any, anyUnpack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { type Operation, Operations } from "../../../gen/google/longrunning/operations_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import type { RunContext } from "../context.ts";
import { formatLocationName } from "../names.ts";
import { NO_HIDDEN_METADATA, type ServiceRecord } from "../store.ts";
import { jobOperationResponse } from "./jobs/operation-response.ts";
import { jsonBodyOf, type V1Request } from "./request.ts";
import { serviceToKnative } from "./service.ts";
import { workerPoolOperationResponse } from "./worker-pools/operation-response.ts";

const SERVICE_TYPE = "type.googleapis.com/google.cloud.run.v1.Service";
/** How long a wait lasts when the client does not say. */
const DEFAULT_WAIT_MS = 30_000;

/** GET operations/ID. */
export async function getOperation(context: RunContext, at: V1Request): Promise<object> {
  return toV1(context, await client(context, at).getOperation({ name: nameOf(at) }));
}

/** POST operations/ID:wait. The response is the v1 form of the service, worker pool, job or execution. */
export async function waitOperation(context: RunContext, at: V1Request): Promise<object> {
  const { timeout } = (await jsonBodyOf(at.request)) as { timeout?: string };
  const waitMs = timeout === undefined ? DEFAULT_WAIT_MS : parseDurationMs(timeout);
  return toV1(context, await client(context, at).waitOperation({ name: nameOf(at), timeout: durationFromMs(waitMs) }));
}

function client({ clients }: RunContext, { call }: V1Request) {
  return clients.of(Operations, call.principal, call.signal);
}

function nameOf(at: V1Request): string {
  return `${formatLocationName(at)}/operations/${at.name}`;
}

async function toV1(context: RunContext, { name, done, result }: Operation): Promise<object> {
  if (result.case === "error") return { name, done, error: { code: result.value.code, message: result.value.message } };
  if (result.case !== "response") return { name, done };
  const answered = anyUnpack(result.value, ServiceSchema);
  if (!answered) return { name, done, response: (await otherResponse(context, result.value)) ?? {} };
  const stored = await context.rows.getService(answered.name);
  const gone: ServiceRecord = {
    service: answered,
    hidden: { operationId: "", metadata: NO_HIDDEN_METADATA, template: NO_HIDDEN_METADATA },
    version: 0,
  };
  return { name, done, response: { "@type": SERVICE_TYPE, ...serviceToKnative(stored ?? gone) } };
}

async function otherResponse(context: RunContext, response: Any): Promise<object | undefined> {
  return (await workerPoolOperationResponse(context, response)) ?? jobOperationResponse(context, response);
}

function parseDurationMs(text: string): number {
  const [, seconds] = /^(\d+(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  const description = `Invalid value at 'timeout' (type.googleapis.com/google.protobuf.Duration), "${text}"`;
  throw invalidArgument(description, [{ field: "timeout", description }]);
}
