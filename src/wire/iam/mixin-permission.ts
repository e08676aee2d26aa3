import type { DescMethod, Message } from "@bufbuild/protobuf";
import { IAMPolicy } from "../../gen/google/iam/v1/iam_policy_pb.js";
import { Operations } from "../../gen/google/longrunning/operations_pb.js";
import type { LongRunningOperations } from "../operations/operations.ts";
import type { ServiceModule } from "../service-module.ts";
import { knownPermissions } from "./roles/predefined-roles.ts";

/** What the methods on operations need of the API whose operation it is: VERB of "run.operations.VERB". */
const OPERATION_VERBS: Readonly<Record<string, string>> = {
  getOperation: "get",
  waitOperation: "get",
  cancelOperation: "cancel",
  deleteOperation: "delete",
};

/**
 * The permission that a method of a mixin needs, which is one of the API that its resource belongs to; undefined for methods
 * that declare their own. "none" where Google has no permission for it: who knows an operation's name may read it.
 */
export async function mixinPermission(
  { method, request }: { readonly method: DescMethod; readonly request: Message },
  modules: readonly ServiceModule[],
  operations: Pick<LongRunningOperations, "get">,
): Promise<string | undefined> {
  if (method.parent === IAMPolicy) return policyPermission(method, request, modules);
  if (method.parent !== Operations) return undefined;
  const verb = OPERATION_VERBS[method.localName];
  // Lists hold the operations of all services of a location.
  if (verb === undefined) return "resourcemanager.projects.get";
  const { name } = request as unknown as { readonly name: string };
  const permission = `${(await operations.get(name))?.service}.operations.${verb}`;
  return knownPermissions().has(permission) ? permission : "none";
}

/** "pubsub.topics.setIamPolicy"; asking what one may do needs nothing. */
function policyPermission(method: DescMethod, request: Message, modules: readonly ServiceModule[]): string {
  if (method === IAMPolicy.method.testIamPermissions) return "none";
  const { resource } = request as unknown as { readonly resource: string };
  const owner = modules.find(({ iamResources }) => iamResources?.some(({ pattern }) => pattern.test(resource)));
  return `${owner?.name ?? "resourcemanager"}.${resource.split("/").at(-2)}.${method.localName}`;
}
