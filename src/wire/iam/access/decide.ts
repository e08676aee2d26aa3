import type { Policy } from "../../../gen/google/iam/v1/policy_pb.js";
import { type CompiledPolicy, compilePolicy, type Grant } from "./compiled-policy.ts";
import type { ConditionContext } from "./conditions.ts";
import { convenienceMember } from "./members.ts";

/** A policy and the resource that it is set on, from the resource itself up to its project. */
export interface PolicyOf {
  readonly resource: string;
  readonly policy: Policy;
}

export interface Question {
  /** The members by which bindings may name who asks. */
  readonly members: readonly string[];
  readonly permission: string;
  readonly context: ConditionContext;
  readonly policies: readonly PolicyOf[];
  /** The permissions of a role; undefined for one that does not exist. */
  readonly permissionsOf: (role: string) => ReadonlySet<string> | undefined;
}

/** Why a permission is held. */
export interface Reason {
  readonly resource: string;
  readonly member: string;
  readonly role: string;
}

/**
 * The binding that grants the permission, or undefined when none does. Policies are additive: one of a parent grants on all
 * that is below it. Google: cloud.google.com/iam/docs/policies, "policy inheritance".
 */
export function decide(question: Question): Reason | undefined {
  const members = [...question.members, ...convenienceMembers(question)];
  for (const { resource, policy } of question.policies) {
    const reason = reasonIn(compilePolicy(policy), members, question);
    if (reason) return { resource, ...reason };
  }
  return undefined;
}

function reasonIn(policy: CompiledPolicy, members: readonly string[], question: Question) {
  for (const member of members)
    for (const grant of policy.grantsOf.get(member) ?? [])
      if (grants(grant, question)) return { member, role: grant.role };
  return undefined;
}

function grants({ role, condition }: Grant, { permission, permissionsOf, context }: Question): boolean {
  if (!permissionsOf(role)?.has(permission)) return false;
  return condition === undefined || condition(context);
}

/** The members that stand for the basic roles which these members hold on the project. */
function convenienceMembers({ members, policies }: Question): string[] {
  const project = policies.at(-1);
  const id = project && /^projects\/([^/]+)$/.exec(project.resource)?.[1];
  if (!project || id === undefined) return [];
  const { grantsOf } = compilePolicy(project.policy);
  const held = members.flatMap((member) => grantsOf.get(member) ?? []);
  const roles = held.filter(({ condition }) => !condition).map(({ role }) => role);
  return roles.flatMap((role) => convenienceMember(role, id) ?? []);
}
