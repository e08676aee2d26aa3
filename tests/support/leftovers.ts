import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/oci/find-program.ts";
import { NAMESPACES_DIR, networkNames } from "../../src/instances/network/names.ts";
import { waitingStems } from "./running-sandboxes.ts";

/**
 * What is on the host in a data folder's name: network links and namespaces, firewall tables and rules in those of others,
 * control groups, mounts (FUSE's, too), loop devices, processes, stems, bundles.
 */
export function leftoversOf(dataDir: string): readonly string[] {
  const names = networkNames(dataDir);
  const links = readdirSync("/sys/class/net").filter(
    (name) => name === names.bridge || name.startsWith(`hr${names.key}-`),
  );
  const namespaces = existsSync(NAMESPACES_DIR)
    ? readdirSync(NAMESPACES_DIR).filter((name) => name.startsWith(names.namespacePrefix))
    : [];
  const rules = firewallRules().filter((line) => line.includes(names.table));
  const groups = globSync(`/sys/fs/cgroup/**/homerun-${names.key}`);
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${dataDir}/`));
  const bundles = join(dataDir, "sandboxes", "bundles");
  return [
    ...links,
    ...namespaces,
    ...rules,
    ...groups,
    ...mounts,
    ...loopDevices(dataDir),
    ...processesOf(dataDir).map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...waitingStems(dataDir),
    ...(existsSync(bundles) ? readdirSync(bundles) : []),
  ];
}

/** Processes that run for a data folder, by what they were started with or the folder they are in: the server's, too. */
export function processesOf(dataDir: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.map(Number).filter((pid) => {
    const folder = folderOf(pid);
    const command = commandOf(pid);
    // Layers are written through to the disk for as long as that takes.
    return (folder.startsWith(`${dataDir}/`) || command.includes(dataDir)) && !command.startsWith("sync ");
  });
}

/** What a process was started with, as far as it is short; "" when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 500);
  } catch {
    return "";
  }
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** A file that was deleted is named still. */
function loopDevices(dataDir: string): string[] {
  return globSync("/sys/block/loop*/loop/backing_file")
    .map((path) => readFileSync(path, "utf8").trim())
    .filter((file) => file.startsWith(`${dataDir}/`));
}

function firewallRules(): string[] {
  const nft = findProgram("nft", `${process.env["PATH"]}:/usr/sbin`);
  if (nft === undefined) return [];
  return execFileSync(nft, ["list", "ruleset"], { encoding: "utf8" }).split("\n");
}
