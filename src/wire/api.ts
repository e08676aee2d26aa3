import { createRegistry, type DescFile, type DescService, type Message, type Registry } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store/store.ts";
import type { Audit } from "./audit/audit.ts";
import type { OperationAudits } from "./audit/operation-audits.ts";
import { createDispatcher, type Dispatcher, type Interceptor } from "./dispatch.ts";
import type { Access } from "./iam/access/access.ts";
import { mixinPermission } from "./iam/mixin-permission.ts";
import type { Policies } from "./iam/policies.ts";
import { iamPolicyRpcs } from "./iam/rpcs.ts";
import { auditCalls, type AuditCallsDeps } from "./interceptors/audit.ts";
import { authorize } from "./interceptors/authorize.ts";
import { canonicalProjects } from "./interceptors/canonical-projects.ts";
import { heldPermissions } from "./interceptors/held-permissions.ts";
import { fieldBehavior } from "./interceptors/field-behavior.ts";
import { logCalls } from "./interceptors/log-calls.ts";
import type { Clients } from "./in-process/client.ts";
import { locationRpcs } from "./locations.ts";
import { mixinServices } from "./mixins.ts";
import type { LongRunningOperations } from "./operations/operations.ts";
import { operationRpcs } from "./operations/rpcs.ts";
import type { Projects } from "./projects/projects.ts";
import type { ServiceModule } from "./service-module.ts";

export interface ApiDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly operations: LongRunningOperations;
  readonly policies: Policies;
  readonly access: Access;
  readonly projects: Projects;
  readonly clients: Clients;
  /** Absent where audit entries have nowhere to go. */
  readonly audit: Audit | undefined;
  readonly operationAudits: OperationAudits;
  readonly registry: () => Registry;
}

/** Every call, from REST, gRPC or in process, passes these from top to bottom and then reaches its handler. */
function interceptors(deps: ApiDeps, modules: readonly ServiceModule[]): Interceptor[] {
  const subjectOf = createSubjectOf(modules);
  return [
    logCalls(deps.log, deps.clock),
    canonicalProjects(deps.projects),
    ...(deps.audit ? [auditCalls({ ...deps, audit: deps.audit, operations: deps.operationAudits, subjectOf })] : []),
    fieldBehavior,
    authorize({
      access: deps.access,
      projectOf: async (invocation) => (await subjectOf(invocation)).project,
      permissionOf: (invocation) => mixinPermission(invocation, modules, deps.operations),
    }),
    heldPermissions(deps.access),
  ];
}

/** One dispatcher for the methods of all modules and the mixins that every API host serves. */
export function createApi(modules: readonly ServiceModule[], deps: ApiDeps): Dispatcher {
  const services: DescService[] = [...modules.flatMap((module) => module.services), ...mixinServices];
  const rpcs = [
    ...modules.flatMap((module) => module.rpcs),
    ...operationRpcs(deps.operations, () => modules),
    ...locationRpcs(),
    ...iamPolicyRpcs(deps, () => modules),
  ];
  return createDispatcher(services, rpcs, interceptors(deps, modules));
}

/** Asks the module whose call it is. Methods of the mixins belong to the module of their resource. */
function createSubjectOf(modules: readonly ServiceModule[]): AuditCallsDeps["subjectOf"] {
  const owners = new Map(modules.flatMap((module) => module.services.map((service) => [service, module])));
  return async ({ method, request }) => {
    const owner = owners.get(method.parent);
    if (owner) return (await owner.auditSubject?.(method, request as Message)) ?? {};
    const { resource } = request as unknown as { readonly resource?: unknown };
    const isOf = ({ pattern }: { readonly pattern: RegExp }) => typeof resource === "string" && pattern.test(resource);
    const module = modules.find(({ iamResources }) => iamResources?.some(isOf));
    return module ? { serviceName: `${module.name}.googleapis.com` } : {};
  };
}

/** All message types that may travel in google.protobuf.Any in an answer. */
export function createAnyRegistry(modules: readonly ServiceModule[]): Registry {
  const files: DescFile[] = modules.flatMap((module) => [
    ...module.services.map((service) => service.file),
    ...(module.anyTypes ?? []),
  ]);
  return createRegistry(file_google_rpc_error_details, ...withImports(files));
}

/** Resources often stand in other files than the service that answers with them. */
function withImports(files: readonly DescFile[]): ReadonlySet<DescFile> {
  const all = new Set(files);
  // A set's iteration goes on over what is added meanwhile.
  for (const file of all) for (const imported of file.dependencies) all.add(imported);
  return all;
}
