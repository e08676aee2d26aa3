import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxMount, SandboxSpec } from "../sandbox.ts";

/** Writes /etc/hosts and, given a resolver, /etc/resolv.conf of a sandbox into `folder`; resolves with the mounts for them. */
export async function writeEtcFiles(spec: SandboxSpec, folder: string): Promise<SandboxMount[]> {
  const files: Record<string, string> = {
    hosts: formatHosts(spec),
    ...(spec.resolver ? { "resolv.conf": `nameserver ${spec.resolver.nameserver}\n` } : {}),
  };
  return Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      const source = join(folder, name);
      await writeFile(source, content);
      await chmod(source, 0o644);
      return { source, destination: `/etc/${name}`, readOnly: true };
    }),
  );
}

function formatHosts(spec: SandboxSpec): string {
  const hosts = Object.entries(spec.resolver?.hosts ?? {});
  const named = hosts.some(([name]) => name === spec.hostname);
  const lines = [
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost ip6-loopback",
    ...(named ? [] : [`127.0.0.1 ${spec.hostname}`]),
    ...hosts.map(([name, address]) => `${address} ${name}`),
  ];
  return `${lines.join("\n")}\n`;
}
