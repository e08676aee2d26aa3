import { execFileSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostProgram, hostRuntimes } from "../../host/testing/test-tools.ts";

const PROGRAMS = ["sh", "cat", "ls", "mount", "unshare", "sleep", "touch", "id"];

/** A root file system made of the host's own programs, so that tests need no download: a shell, a few tools, node. */
export interface HostLayer extends Disposable {
  /** The layer's folder. */
  readonly folder: string;
}

/** Makes the layer: /bin/NAME for every program, and the shared libraries where the programs look for them. */
export function makeHostLayer(): HostLayer {
  const folder = mkdtempSync(join(tmpdir(), "homerun-layer-"));
  for (const name of ["proc", "dev", "sys", "tmp", "etc", "bin"]) mkdirSync(join(folder, name));
  const programs = new Map(PROGRAMS.map((name) => [name, findProgram(name)]));
  programs.set("node", realpathSync(process.execPath));
  for (const [name, path] of programs) place(path, join(folder, "bin", name));
  for (const library of librariesOf([...programs.values()])) place(library, join(folder, library));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The OCI runtimes the host has; fails when there is none. Prefer testTools, which fetches one then. */
export function installedRuntimes(): { kind: "crun" | "runc"; path: string }[] {
  const found = hostRuntimes();
  if (found.length === 0) throw new Error("neither crun nor runc is installed");
  return found;
}

/** The path of a program of the host. Throws when it is not installed. */
export function findProgram(name: string): string {
  const path = hostProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function librariesOf(programs: readonly string[]): Set<string> {
  const text = programs.map((program) => execFileSync("ldd", [program], { encoding: "utf8" })).join("\n");
  const paths = text.split("\n").flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return new Set(paths);
}

function place(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(realpathSync(source), target);
  } catch {
    copyFileSync(source, target);
  }
}
