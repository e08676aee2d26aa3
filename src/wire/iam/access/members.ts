import type { Principal } from "../../credentials/principal.ts";

/** Members of bindings that stand for everybody with a basic role on a project. Google: iam/docs/principals-overview. */
const CONVENIENCE_ROLES: Readonly<Record<string, string>> = {
  projectOwner: "roles/owner",
  projectEditor: "roles/editor",
  projectViewer: "roles/viewer",
};

/** The members by which bindings may name a principal, itself first. */
export function membersOf(principal: Principal): readonly string[] {
  if (principal.kind === "anonymous" || principal.kind === "owner") return ["allUsers"];
  const { email } = principal;
  const own = principal.kind === "user" ? `user:${email}` : `serviceAccount:${email}`;
  return [own, `domain:${email.slice(email.indexOf("@") + 1)}`, "allAuthenticatedUsers", "allUsers"];
}

/** The member by which bindings name those with a basic role on a project; undefined for other roles. */
export function convenienceMember(role: string, project: string): string | undefined {
  const kind = Object.keys(CONVENIENCE_ROLES).find((each) => CONVENIENCE_ROLES[each] === role);
  return kind && `${kind}:${project}`;
}
