/** Who makes a call. */
export type Principal =
  /** A local caller without credentials, in the mode where the machine's owner may do everything. */
  | { readonly kind: "owner" }
  | { readonly kind: "user"; readonly email: string }
  | { readonly kind: "serviceAccount"; readonly email: string }
  /** One of homerun's own services, calling in process as its documented service agent. */
  | { readonly kind: "serviceAgent"; readonly email: string }
  /** A caller without credentials where they are required. */
  | { readonly kind: "anonymous" };

/** What the machine's owner is called where an e-mail address is wanted, tokens that he gets for himself included. */
export const OWNER_EMAIL = "owner@localhost";

/** The e-mail address that goes into audit entries and creator fields. */
export function principalEmail(principal: Principal): string {
  if (principal.kind === "owner") return OWNER_EMAIL;
  return principal.kind === "anonymous" ? "" : principal.email;
}
