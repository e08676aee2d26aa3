const ANY_ADDRESS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Where processes of this machine reach the API: what it listens on, with an address in place of "any". */
export function loopbackUrl(address: string): string {
  const [, host = "", port = ""] = /^http:\/\/\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  const reachable = ANY_ADDRESS[host] ?? host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
