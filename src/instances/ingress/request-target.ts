import type { RequestHead } from "../http1/head.ts";

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;
const CREDENTIALS_OR_BLANK = /[@\s\\/?#]/;

/**
 * Whether a request's target is one that is served: a path, "*" of OPTIONS, or a whole URL whose host is that of the Host
 * field, too, so that nobody routes by one and another by the other. RFC 9112, section 3.2.
 */
export function isTargetOf({ method, target, host }: Pick<RequestHead, "method" | "target" | "host">): boolean {
  if (CREDENTIALS_OR_BLANK.test(host)) return false;
  if (target.startsWith("/")) return method !== "CONNECT";
  if (target === "*") return method === "OPTIONS";
  const [, authority] = ABSOLUTE.exec(target) ?? [];
  return authority !== undefined && (host === "" || withoutPort(authority) === withoutPort(host));
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)?$/, "");
}
