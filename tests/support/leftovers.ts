import { execFileSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { findProgram } from "../../src/oci/find-program.ts";
import { NAMESPACES_DIR, networkNames } from "../../src/instances/network/names.ts";

/** What is on the host in a data folder's name: network links and namespaces, firewall tables, control groups, mounts. */
export function leftoversOf(dataDir: string): readonly string[] {
  const names = networkNames(dataDir);
  const links = readdirSync("/sys/class/net").filter(
    (name) => name === names.bridge || name.startsWith(`hr${names.key}-`),
  );
  const namespaces = existsSync(NAMESPACES_DIR)
    ? readdirSync(NAMESPACES_DIR).filter((name) => name.startsWith(names.namespacePrefix))
    : [];
  const tables = firewallTables().filter((line) => line.endsWith(` ${names.table}`));
  const groups = globSync(`/sys/fs/cgroup/**/homerun-${names.key}`);
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${dataDir}/`));
  return [...links, ...namespaces, ...tables, ...groups, ...mounts];
}

function firewallTables(): string[] {
  const nft = findProgram("nft", `${process.env["PATH"]}:/usr/sbin`);
  return nft === undefined ? [] : execFileSync(nft, ["list", "tables"], { encoding: "utf8" }).split("\n");
}
