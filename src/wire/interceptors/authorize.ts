import type { Interceptor } from "../dispatch.ts";
import { unauthenticated } from "../errors.ts";

/**
 * Who may call: the machine's owner (a local caller without credentials), homerun's own service agents, and every
 * identity whose credential was verified. A caller without identity is refused where a permission is required.
 */
export const authorize: Interceptor = async (invocation, next) => {
  const { policy, call } = invocation;
  if (policy.permission !== "none" && call.principal.kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
  return next(invocation);
};
