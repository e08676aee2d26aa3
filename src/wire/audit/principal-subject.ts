import type { Principal } from "../credentials/principal.ts";
import { principalEmail } from "../credentials/principal.ts";

/** Who calls, as IAM policies write it: "user:…" or "serviceAccount:…". */
export function memberOf(principal: Principal): string {
  const kind = principal.kind === "user" || principal.kind === "owner" ? "user" : "serviceAccount";
  return `${kind}:${principalEmail(principal)}`;
}
