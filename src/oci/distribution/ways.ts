import { RegistryClientError } from "./registry-client-error.ts";

/** Whether a host (with or without a port) is this machine itself, as far as its name tells. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
}

/**
 * Throws a RegistryClientError unless the registry at `origin` may send this machine to `url`, by a redirect, a Location
 * or a token service: to itself, or to another host by TLS. What answers without TLS, or on the loopback interface, may
 * take this machine for somebody it trusts.
 */
export function checkWay(origin: string, url: URL): void {
  const { host } = new URL(origin);
  const isElsewhereByTls = url.protocol === "https:" && !isLoopback(url.host);
  if (url.origin === origin || isElsewhereByTls || isLoopback(host)) return;
  throw new RegistryClientError(`registry ${host} leads to ${url.origin}, which is not to be reached from it`, 403);
}
