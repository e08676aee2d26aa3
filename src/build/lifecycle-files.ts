import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import type { SandboxMount } from "../instances/sandbox.ts";
import { escapeId } from "./lifecycle/buildpack.ts";

/** Where a sandbox finds the parts of the build program. */
export const lifecyclePaths = {
  node: "/cnb/node",
  main: "/cnb/lifecycle/main.ts",
  order: "/cnb/google/order.toml",
  /** Our own buildpacks by id and version; an image's own lie in /cnb/buildpacks. */
  buildpacks: "/cnb/google-buildpacks",
  /** The buildpacks that run as modules of the lifecycle. */
  modules: "/cnb/google",
} as const;

/** Folder with one folder per buildpack, and order.toml. */
const BUILDPACKS = join(import.meta.dirname, "..", "..", "buildpacks");

/**
 * The mounts that bring the lifecycle and the buildpacks into a sandbox, all read-only. `folder` receives the layout
 * of the buildpacks directory: ID/VERSION, as links into the folder that holds the buildpacks.
 */
export function lifecycleMounts(folder: string, node: string): SandboxMount[] {
  rmSync(folder, { recursive: true, force: true });
  for (const name of readdirSync(BUILDPACKS)) {
    const toml = readIfThere(join(BUILDPACKS, name, "buildpack.toml"));
    if (toml === undefined) continue;
    const { id, version } = parse(toml)["buildpack"] as { id: string; version: string };
    mkdirSync(join(folder, escapeId(id)), { recursive: true });
    symlinkSync(`/cnb/google/${name}`, join(folder, escapeId(id), version));
  }
  const mounts = {
    [lifecyclePaths.node]: node,
    "/cnb/lifecycle": join(import.meta.dirname, "lifecycle"),
    "/cnb/google": BUILDPACKS,
    [lifecyclePaths.buildpacks]: folder,
    // The one package that the lifecycle and the buildpacks import.
    "/cnb/node_modules/smol-toml": packageFolder("smol-toml"),
  };
  return Object.entries(mounts).map(([destination, source]) => ({ destination, source, readOnly: true }));
}

function packageFolder(name: string): string {
  const entry = fileURLToPath(import.meta.resolve(name));
  const marker = join("node_modules", name);
  const at = entry.lastIndexOf(marker);
  return at < 0 ? dirname(entry) : entry.slice(0, at + marker.length);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
