import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { Services } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  GetIamPolicyRequestSchema,
  SetIamPolicyRequestSchema,
  TestIamPermissionsRequestSchema,
  TestIamPermissionsResponseSchema,
} from "../../../gen/google/iam/v1/iam_policy_pb.js";
import { PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import type { RunContext } from "../context.ts";
import { formatServiceName } from "../names.ts";
import { jsonBodyOf, type V1Request } from "./request.ts";

/** GET services/NAME:getIamPolicy. */
export async function getIamPolicy(context: RunContext, at: V1Request): Promise<object> {
  const version = at.url.searchParams.get("options.requestedPolicyVersion");
  const options = version === null ? {} : { options: { requestedPolicyVersion: Number(version) } };
  const request = parse(GetIamPolicyRequestSchema, { resource: resourceOf(at), ...options });
  return toJson(PolicySchema, await client(context, at).getIamPolicy(request)) as object;
}

/** POST services/NAME:setIamPolicy. */
export async function setIamPolicy(context: RunContext, at: V1Request): Promise<object> {
  const body = (await jsonBodyOf(at.request)) as object;
  const request = parse(SetIamPolicyRequestSchema, { ...body, resource: resourceOf(at) });
  return toJson(PolicySchema, await client(context, at).setIamPolicy(request)) as object;
}

/** POST services/NAME:testIamPermissions. */
export async function testIamPermissions(context: RunContext, at: V1Request): Promise<object> {
  const body = (await jsonBodyOf(at.request)) as object;
  const request = parse(TestIamPermissionsRequestSchema, { ...body, resource: resourceOf(at) });
  return toJson(TestIamPermissionsResponseSchema, await client(context, at).testIamPermissions(request)) as object;
}

function client({ clients }: RunContext, { call }: V1Request) {
  return clients.of(Services, call.principal, call.signal);
}

function resourceOf(at: V1Request): string {
  return formatServiceName({ ...at, service: at.name });
}

function parse<Schema extends Parameters<typeof fromJson>[0]>(schema: Schema, json: object) {
  try {
    return fromJson(schema, json as JsonValue);
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}
