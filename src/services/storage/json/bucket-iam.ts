import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  GetIamPolicyRequestSchema,
  SetIamPolicyRequestSchema,
  TestIamPermissionsRequestSchema,
} from "../../../gen/google/iam/v1/iam_policy_pb.js";
import { type Policy, PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { bucketName } from "../buckets/bucket.ts";
import { invalidValue } from "../errors.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "../v2/names.ts";
import { type Json, type JsonCall, jsonResponse, readJson } from "./json-call.ts";

/** buckets.getIamPolicy: GET /b/B/iam. */
export async function getBucketIamPolicy({ model, query, params }: JsonCall): Promise<Response> {
  const resource = bucketName(params[0]!);
  const policy = await methodsOf(model).getIamPolicy(create(GetIamPolicyRequestSchema, { resource }));
  return jsonResponse(policyToJson(policy, resource), query);
}

/** buckets.setIamPolicy: PUT /b/B/iam. */
export async function setBucketIamPolicy({ model, request, query, params }: JsonCall): Promise<Response> {
  const resource = bucketName(params[0]!);
  const policy = policyFromJson(await readJson(request));
  const set = await methodsOf(model).setIamPolicy(create(SetIamPolicyRequestSchema, { resource, policy }));
  return jsonResponse(policyToJson(set, resource), query);
}

/** buckets.testIamPermissions: GET /b/B/iam/testPermissions. */
export async function testBucketIamPermissions({ model, query, params }: JsonCall): Promise<Response> {
  const resource = bucketName(params[0]!);
  const asked = create(TestIamPermissionsRequestSchema, { resource, permissions: query.getAll("permissions") });
  const { permissions } = await methodsOf(model).testIamPermissions(asked);
  return jsonResponse({ kind: "storage#testIamPermissionsResponse", permissions }, query);
}

function methodsOf({ store, policies, buckets }: StorageModel) {
  const assertExists = async (resource: string) => void (await buckets.get(bucketIdOf(resource, "resource")));
  return createIamMethods({ store, policies, assertExists });
}

function policyToJson(policy: Policy, resourceId: string): object {
  const { version, bindings = [], etag } = toJson(PolicySchema, policy) as Json;
  return { kind: "storage#policy", resourceId, version: version ?? 1, etag, bindings };
}

function policyFromJson({ version = 0, etag = "", bindings = [] }: Json): Policy {
  try {
    return fromJson(PolicySchema, { version, etag, bindings } as JsonValue);
  } catch (error) {
    throw invalidValue(`Invalid policy: ${(error as Error).message}`, "policy");
  }
}
