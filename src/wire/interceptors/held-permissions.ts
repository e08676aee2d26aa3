import {
  type TestIamPermissionsRequest,
  TestIamPermissionsRequestSchema,
  type TestIamPermissionsResponse,
} from "../../gen/google/iam/v1/iam_policy_pb.js";
import type { Interceptor } from "../dispatch.ts";
import type { Access } from "../iam/access/access.ts";

/**
 * Answers every service's TestIamPermissions with what the caller holds of what was asked for; that the resource exists is
 * the method's own business. Google: iam_policy.proto, TestIamPermissionsResponse.
 */
export function heldPermissions(access: Access): Interceptor {
  return async (invocation, next) => {
    const answer = await next(invocation);
    if (invocation.method.input !== TestIamPermissionsRequestSchema) return answer;
    const { resource } = invocation.request as TestIamPermissionsRequest;
    const { permissions } = answer as TestIamPermissionsResponse;
    const held = await access.held(invocation.call.principal, permissions, { name: resource });
    return { ...answer, permissions: held } as TestIamPermissionsResponse;
  };
}
