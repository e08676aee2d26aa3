import type { Clock } from "../../../platform/clock.ts";
import { permissionDenied, unauthenticated } from "../../errors.ts";
import type { Principal } from "../../credentials/principal.ts";
import type { CustomRoles } from "../roles/custom-roles.ts";
import { predefinedRoles } from "../roles/predefined-roles.ts";
import { ancestorsOf } from "./ancestors.ts";
import { compilePolicy } from "./compiled-policy.ts";
import type { ConditionContext } from "./conditions.ts";
import { decide, type PolicyOf, type Reason } from "./decide.ts";
import { membersOf } from "./members.ts";

/** What IAM knows of who may do what. */
export interface Access {
  /** Whether a principal has a permission on a resource. The machine's owner and homerun's own services have every one. */
  isGranted(principal: Principal, permission: string, resource: AccessedResource): Promise<boolean>;
  /** Rejects with PERMISSION_DENIED whoever lacks it, and with UNAUTHENTICATED whoever has no identity besides. */
  require(principal: Principal, permission: string, resource: OwnedResource): Promise<void>;
  /** The ones of these permissions that a principal has. */
  held(principal: Principal, permissions: readonly string[], resource: AccessedResource): Promise<string[]>;
  /** The binding that grants it; undefined when none does. */
  reasonFor(principal: Principal, permission: string, resource: AccessedResource): Promise<Reason | undefined>;
}

/** A resource as IAM sees it. */
export interface AccessedResource extends Partial<Omit<ConditionContext, "nowMs">> {
  /** Full name: "projects/p/locations/l/services/s". */
  readonly name: string;
  /** Id of the project, where the name does not tell it: of buckets and what is in them. */
  readonly project?: string;
}

/** A resource whose service an error can name. */
export interface OwnedResource extends AccessedResource {
  readonly resourceService: string;
}

export interface AccessDeps {
  readonly clock: Clock;
  readonly customRoles: CustomRoles;
  /** The policy of a resource as it counts now, a project's default one included. */
  readonly policyOf: PolicyReader;
}

export type PolicyReader = (resource: string, nowMs: number) => Promise<PolicyOf["policy"]>;

/** Decides by the policies of a resource and its ancestors. */
export function createAccess({ clock, customRoles, policyOf }: AccessDeps): Access {
  const reasonFor: Access["reasonFor"] = async (principal, permission, accessed) => {
    const nowMs = clock.nowMs();
    const names = ancestorsOf(accessed.name, accessed.project);
    const policies = await Promise.all(
      names.map(async (resource) => ({ resource, policy: await policyOf(resource, nowMs) })),
    );
    const custom = await customRolesOf(customRoles, policies, nowMs);
    const { resourceName = accessed.name, resourceType = "", resourceService = "", path = "" } = accessed;
    return decide({
      members: membersOf(principal),
      permission,
      context: { resourceName, resourceType, resourceService, path, nowMs },
      policies,
      permissionsOf: (role) => predefinedRoles().get(role)?.permissions ?? custom.get(role),
    });
  };
  const isGranted: Access["isGranted"] = async (principal, permission, resource) => {
    if (principal.kind === "owner" || principal.kind === "serviceAgent") return true;
    return (await reasonFor(principal, permission, resource)) !== undefined;
  };
  return {
    reasonFor,
    isGranted,
    async require(principal, permission, resource) {
      if (await isGranted(principal, permission, resource)) return;
      if (principal.kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
      throw permissionDenied(permission, `${resource.resourceService}/${resource.name}`);
    },
    async held(principal, permissions, resource) {
      const held = await Promise.all(permissions.map((permission) => isGranted(principal, permission, resource)));
      return permissions.filter((_, index) => held[index]);
    },
  };
}

type Permissions = ReadonlyMap<string, ReadonlySet<string>>;

/** The permissions of the custom roles that policies name. */
async function customRolesOf(
  customRoles: CustomRoles,
  policies: readonly PolicyOf[],
  nowMs: number,
): Promise<Permissions> {
  const custom = policies.flatMap(({ policy }) => compilePolicy(policy).customRoles);
  if (custom.length === 0) return new Map();
  const found = await Promise.all(
    custom.map(async (name) => [name, await customRoles.permissionsOf(name, nowMs)] as const),
  );
  return new Map(found.flatMap(([name, permissions]) => (permissions ? [[name, permissions] as const] : [])));
}
