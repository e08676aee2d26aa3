import type { BuildContext } from "../context.ts";
import { accessSync, constants } from "node:fs";
import { userError } from "../error.ts";

/** Whether a go.mod file is for a Go that takes a vendor folder on its own (1.14). Google: buildpacks, pkg/golang, SupportsAutoVendor. */
export function supportsAutoVendor(goMod: string): boolean {
  const [, major, minor] = /^\s*go\s+(\d+)\.(\d+)(?:\.\d+)?\s*$/m.exec(goMod) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 14);
}

/** Refuses a go.mod that the go command could not keep up to date. */
export function requireWritable(file: string): void {
  try {
    accessSync(file, constants.W_OK);
  } catch {
    throw userError("go.mod exists but is not writable");
  }
}

/** Whether the Go that builds in a folder is older than a minor version of Go 1. */
export async function isOlderThan(context: BuildContext, minor: number, cwd: string): Promise<boolean> {
  const { stdout } = await context.exec(["go", "env", "GOVERSION"], { cwd });
  const [, actual] = /^go1\.(\d+)/.exec(stdout) ?? [];
  return actual !== undefined && Number(actual) < minor;
}
