import type { Policy } from "../../../gen/google/iam/v1/policy_pb.js";
import { compileCondition, type Condition } from "./conditions.ts";

/** One binding as it concerns one member. */
export interface Grant {
  readonly role: string;
  readonly condition: Condition | undefined;
}

/** A policy, so that a decision does not look at what concerns others. */
export interface CompiledPolicy {
  readonly grantsOf: ReadonlyMap<string, readonly Grant[]>;
  /** The roles that are not predefined. */
  readonly customRoles: readonly string[];
}

const compiled = new WeakMap<Policy, CompiledPolicy>();

/** The policy, compiled once for each message. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  let found = compiled.get(policy);
  if (!found) compiled.set(policy, (found = compile(policy)));
  return found;
}

function compile({ bindings }: Policy): CompiledPolicy {
  const grantsOf = new Map<string, Grant[]>();
  for (const { role, members, condition } of bindings) {
    const grant = { role, condition: condition && holdsOf(condition.expression) };
    for (const member of members) {
      const known = grantsOf.get(member);
      if (known) known.push(grant);
      else grantsOf.set(member, [grant]);
    }
  }
  const custom = bindings.map(({ role }) => role).filter((role) => !role.startsWith("roles/"));
  return { grantsOf, customRoles: [...new Set(custom)] };
}

/** What was stored before its expression was checked grants nothing. */
function holdsOf(expression: string): Condition {
  try {
    return compileCondition(expression);
  } catch {
    return () => false;
  }
}
