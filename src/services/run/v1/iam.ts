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
import type { Client } from "../../../wire/in-process/client.ts";
import type { RunContext } from "../context.ts";
import { formatServiceName } from "../names.ts";
import { jsonBodyOf, type V1Request } from "./request.ts";

/** The methods of a proto service that hold policies. */
type IamClient = Pick<Client<typeof Services>, "getIamPolicy" | "setIamPolicy" | "testIamPermissions">;

type IamHandler = (context: RunContext, at: V1Request) => Promise<object>;

/** GET PLURAL/NAME:getIamPolicy, POST :setIamPolicy and :testIamPermissions over the methods of v2. */
export function iamHandlers(
  resourceOf: (at: V1Request) => string,
  clientOf: (context: RunContext, at: V1Request) => IamClient,
): Record<keyof IamClient, IamHandler> {
  return {
    async getIamPolicy(context, at) {
      const version = at.url.searchParams.get("options.requestedPolicyVersion");
      const options = version === null ? {} : { options: { requestedPolicyVersion: Number(version) } };
      const request = parse(GetIamPolicyRequestSchema, { resource: resourceOf(at), ...options });
      return toJson(PolicySchema, await clientOf(context, at).getIamPolicy(request)) as object;
    },
    async setIamPolicy(context, at) {
      const body = (await jsonBodyOf(at.request)) as object;
      const request = parse(SetIamPolicyRequestSchema, { ...body, resource: resourceOf(at) });
      return toJson(PolicySchema, await clientOf(context, at).setIamPolicy(request)) as object;
    },
    async testIamPermissions(context, at) {
      const body = (await jsonBodyOf(at.request)) as object;
      const request = parse(TestIamPermissionsRequestSchema, { ...body, resource: resourceOf(at) });
      const answer = await clientOf(context, at).testIamPermissions(request);
      return toJson(TestIamPermissionsResponseSchema, answer) as object;
    },
  };
}

/** Policies of services. */
export const serviceIam = iamHandlers(
  (at) => formatServiceName({ ...at, service: at.name }),
  ({ clients }, { call }) => clients.of(Services, call.principal, call.signal),
);

function parse<Schema extends Parameters<typeof fromJson>[0]>(schema: Schema, json: object) {
  try {
    return fromJson(schema, json as JsonValue);
  } catch (error) {
    throw invalidArgument(`Invalid JSON payload received. ${(error as Error).message}`);
  }
}
