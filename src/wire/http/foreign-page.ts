import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Names that nobody else's DNS can point at this machine: its own, also as gcloud changes it ("us-central1-localhost"),
 * and those of Google that homerun answers.
 */
const OWN_NAMES = /(^|\.)(([a-z]+-[a-z]+\d+-)?localhost|googleapis\.com|pkg\.dev|google\.com|google\.internal)$/;
/** What browsers say of requests that the user, or a page of the same origin, makes. Fetch Metadata, section 2.3. */
const OWN_SITES = ["none", "same-origin"];

/**
 * Whether a web page of another origin may be behind a request: a browser on this machine runs whatever the web sends,
 * and would lend it the rights of the machine's owner. Told by Origin and Sec-Fetch-Site, and for a page whose DNS name
 * was bent to this machine (DNS rebinding) by the host it asks for.
 */
export function isFromForeignPage(headers: IncomingHttpHeaders, url: URL): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (origin !== undefined && origin !== url.origin) return true;
  if (typeof site === "string" && !OWN_SITES.includes(site)) return true;
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(name) === 0 && !OWN_NAMES.test(name);
}
