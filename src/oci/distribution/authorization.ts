import type { RegistryFetch } from "../oci.ts";
import { checkWay } from "./ways.ts";

/** Looks up the credentials for a registry host; undefined when there are none and anonymous access is tried. */
export type RegistryCredentials = (
  host: string,
) => Promise<{ readonly username: string; readonly password: string } | undefined>;

/** What a 401 asks for: a scheme ("bearer", "basic") with its parameters (RFC 9110, section 11.6.1). */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Obtains the Authorization header that answers a challenge; undefined when there is nothing to answer it with. */
export async function answerChallenge(
  challenge: Challenge,
  host: string,
  scope: string,
  deps: { readonly fetch: RegistryFetch; readonly credentials: RegistryCredentials; readonly origin: string },
): Promise<string | undefined> {
  const credentials = await deps.credentials(host);
  const basic =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  if (challenge.scheme === "basic") return basic;
  const { realm, service } = challenge.parameters;
  if (challenge.scheme !== "bearer" || realm === undefined) return undefined;
  const url = new URL(realm);
  checkWay(deps.origin, url);
  if (service !== undefined) url.searchParams.set("service", service);
  // The challenge's own scope may be narrower than what follows (a pull before a push).
  for (const part of scope.split(" ")) url.searchParams.append("scope", part);
  const headers = basic === undefined ? {} : { authorization: basic };
  // Not redirected either: what answers in the end would have the registry given its token.
  const response = await deps.fetch(new Request(url, { headers, redirect: "manual" }));
  if (!response.ok) throw new Error(`token request to ${url.host} failed with status ${response.status}`);
  const body = (await response.json()) as { token?: string; access_token?: string };
  const token = body.token ?? body.access_token;
  return token === undefined ? undefined : `Bearer ${token}`;
}

/** Reads a WWW-Authenticate header, the first challenge of it; undefined when there is none. */
export function parseChallenge(header: string | null): Challenge | undefined {
  const match = /^\s*([A-Za-z]+)\s*(.*)$/.exec(header ?? "");
  if (!match) return undefined;
  const pairs = [...match[2]!.matchAll(/([A-Za-z_]+)=(?:"([^"]*)"|([^\s,]+))/g)];
  const parameters = Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name!, quoted ?? bare ?? ""]));
  return { scheme: match[1]!.toLowerCase(), parameters };
}
