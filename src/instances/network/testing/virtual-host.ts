import { randomInt } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../host/run-command.ts";

/** A network namespace that plays a host of its own, so that tests do not touch the firewall of the real one. */
export interface VirtualHost extends AsyncDisposable {
  /** Path of the namespace. */
  readonly path: string;
  /** Programs that act on the virtual host. */
  readonly ip: string;
  readonly nft: string;
}

/** Makes an empty host with nothing but a loopback interface. */
export async function createVirtualHost(tools: { readonly ip: string; readonly nft: string }): Promise<VirtualHost> {
  const name = `homerun-test-${randomInt(1e9)}`;
  const path = `/run/netns/${name}`;
  const folder = mkdtempSync(join(tmpdir(), "homerun-host-"));
  await runCommand(tools.ip, ["netns", "add", name]);
  const wrap = (program: string, wrapped: string) => {
    const file = join(folder, program);
    writeFileSync(file, `#!/bin/sh\nexec nsenter --net=${path} ${wrapped} "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const [ip, nft] = [wrap("ip", tools.ip), wrap("nft", tools.nft)];
  await runCommand(ip, ["link", "set", "lo", "up"]);
  return {
    path,
    ip,
    nft,
    async [Symbol.asyncDispose]() {
      await runCommand(tools.ip, ["netns", "delete", name]);
      rmSync(folder, { recursive: true });
    },
  };
}
