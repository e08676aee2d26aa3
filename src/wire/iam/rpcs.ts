import { IAMPolicy } from "../../gen/google/iam/v1/iam_policy_pb.js";
import type {
  GetIamPolicyRequest,
  SetIamPolicyRequest,
  TestIamPermissionsRequest,
} from "../../gen/google/iam/v1/iam_policy_pb.js";
import type { Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { Store } from "../../platform/store/store.ts";
import { invalidArgument, notFound } from "../errors.ts";
import { type Rpc, rpc } from "../rpc.ts";
import type { ServiceModule } from "../service-module.ts";
import type { Policies } from "./policies.ts";

/** The three IAM methods over stored policies, for any resource that exists; services with IAM RPCs of their own reuse them. */
export interface IamMethods {
  getIamPolicy(request: GetIamPolicyRequest): Promise<Policy>;
  setIamPolicy(request: SetIamPolicyRequest): Promise<Policy>;
  testIamPermissions(request: TestIamPermissionsRequest): Promise<{ permissions: string[] }>;
}

export interface IamDeps {
  readonly store: Store;
  readonly policies: Policies;
  /** Rejects with NOT_FOUND when the resource does not exist. */
  readonly assertExists: (resource: string) => Promise<void>;
}

const MEMBER =
  /^(allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|principal|principalSet|deleted|projectOwner|projectEditor|projectViewer):.+)$/;

export function createIamMethods({ store, policies, assertExists }: IamDeps): IamMethods {
  return {
    async getIamPolicy({ resource }) {
      await assertExists(resource);
      return policies.get(resource);
    },
    async setIamPolicy({ resource, policy }) {
      if (!policy) throw invalidArgument("The policy is required.", [{ field: "policy", description: "Required." }]);
      checkPolicy(policy);
      await assertExists(resource);
      return store.transact((transaction) => policies.set(transaction, resource, policy));
    },
    async testIamPermissions({ resource, permissions }) {
      await assertExists(resource);
      // Which of them the caller holds is said by an interceptor, for all services alike.
      return { permissions };
    },
  };
}

/** google.iam.v1.IAMPolicy of all services: finds the service by the shape of the resource name. */
export function iamPolicyRpcs(deps: Omit<IamDeps, "assertExists">, modules: () => readonly ServiceModule[]): Rpc[] {
  const methods = createIamMethods({
    ...deps,
    async assertExists(resource) {
      const owner = modules()
        .flatMap((module) => module.iamResources ?? [])
        .find(({ pattern }) => pattern.test(resource));
      if (!owner) throw notFound(resource);
      await owner.assertExists(resource);
    },
  });
  const { getIamPolicy, setIamPolicy, testIamPermissions } = IAMPolicy.method;
  return [
    rpc(getIamPolicy, { permission: "iam.policies.get", audit: "ADMIN_READ" }, methods.getIamPolicy),
    rpc(setIamPolicy, { permission: "iam.policies.set", audit: "ADMIN_WRITE" }, methods.setIamPolicy),
    rpc(testIamPermissions, { permission: "iam.policies.get", audit: "none" }, methods.testIamPermissions),
  ];
}

function checkPolicy(policy: Policy): void {
  for (const [index, binding] of policy.bindings.entries()) {
    if (!binding.role) throw invalidBinding(`policy.bindings[${index}].role`, "The role is required.");
    const wrong = binding.members.find((member) => !MEMBER.test(member));
    if (wrong !== undefined)
      throw invalidBinding(
        `policy.bindings[${index}].members`,
        `The member ${wrong} is of an unknown type. Please set a valid type prefix for the member.`,
      );
  }
}

function invalidBinding(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
