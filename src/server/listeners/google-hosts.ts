/** Hosts of Google's API front ends, which homerun answers itself when it is used as a proxy or from inside an instance. */
const API_HOSTS = /(^|\.)(googleapis\.com|pkg\.dev)$|^(metadata\.google\.internal|accounts\.google\.com)$/;
/** Hosts of functions and services. */
const SERVICE_HOSTS = /\.(run\.app|cloudfunctions\.net)$/;

/** What a host name leads to: an API, a function or service, or the world outside. */
export type HostKind = "api" | "service" | "foreign";

/** Tells what a host name (without port) leads to. */
export function hostKindOf(hostname: string): HostKind {
  const name = hostname.toLowerCase();
  if (API_HOSTS.test(name)) return "api";
  return SERVICE_HOSTS.test(name) ? "service" : "foreign";
}
