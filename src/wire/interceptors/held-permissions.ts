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
    const { principal } = invocation.call;
    const held = await Promise.all(
      permissions.map((permission) => access.isGranted(principal, permission, { name: resource })),
    );
    return { ...answer, permissions: permissions.filter((_, index) => held[index]) } as TestIamPermissionsResponse;
  };
}
