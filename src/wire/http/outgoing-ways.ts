import type { Addresses } from "../service-deps.ts";
import { isLoopback } from "./loopback.ts";

/** Which way a request goes, and the origin to connect to. */
export interface Way {
  readonly kind: "ingress" | "api" | "local" | "world";
  readonly origin: string;
}

/** Hosts of functions and services, by Google's names and by their local ones. */
const SERVICE_HOSTS = /\.(run\.(app|localhost)|cloudfunctions\.(net|localhost))$/;
const API_HOSTS = /(^|\.)(googleapis\.com|pkg\.dev)$|^accounts\.google\.com$/;

/** Finds the way to a URL; `addresses` are this server's. */
export function wayOf(url: URL, addresses: Addresses): Way {
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (SERVICE_HOSTS.test(name)) return { kind: "ingress", origin: reachable(addresses.ingress) };
  if (API_HOSTS.test(name)) return { kind: "api", origin: reachable(addresses.api) };
  const isLocal = isLoopback(name) || /(^|\.)localhost$/.test(name);
  if (!isLocal) return { kind: "world", origin: url.origin };
  const isOwnApi = url.port !== "" && url.port === URL.parse(addresses.api)?.port;
  if (isOwnApi) return { kind: "api", origin: reachable(addresses.api) };
  return { kind: "local", origin: url.origin };
}

/** A server that listens on all addresses is called on this machine's own. */
function reachable(address: string): string {
  return address.replace("//0.0.0.0:", "//127.0.0.1:").replace(/\/\/(\[::\]|::):/, "//[::1]:");
}
