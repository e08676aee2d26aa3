import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { findProgram } from "../find-program.ts";
import { ensureToolPack, type ToolPack, type ToolPackDeps } from "./tool-pack.ts";

/** Programs that instances need, as absolute paths of executables. */
export interface HostTools {
  /** The OCI runtime. */
  readonly runtime: string;
  readonly runtimeKind: RuntimeKind;
  readonly ip: string;
  readonly nft: string;
}

export type RuntimeKind = "crun" | "runc" | "runsc";

export interface HostToolsDeps extends ToolPackDeps {
  /** Programs the operator has chosen; each may be left out. The runtime's kind shows in its file name. */
  readonly chosen?: { readonly runtime?: string; readonly ip?: string; readonly nft?: string };
  /** Where to look for the host's own programs; process.env.PATH by default. */
  readonly path?: string;
}

/** Administrators' programs, which the PATH of an ordinary user lacks. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Finds the programs that instances need: those chosen, then the host's own, then a pack fetched once from the signed
 * packages of the distribution into the data folder. Nothing is installed on the host. crun is preferred to runc where
 * it runs, because it starts containers faster.
 */
export async function ensureHostTools(deps: HostToolsDeps): Promise<HostTools> {
  const path = `${deps.path ?? process.env["PATH"] ?? ""}:${SYSTEM_PATH}`;
  const runtime = deps.chosen?.runtime ?? findRuntime(path);
  const ip = deps.chosen?.ip ?? findProgram("ip", path);
  const nft = deps.chosen?.nft ?? findProgram("nft", path);
  const names = [
    ...(runtime === undefined ? [crunRunsHere() ? "crun" : "runc"] : []),
    ...(ip === undefined ? ["ip"] : []),
    ...(nft === undefined ? ["nft"] : []),
  ];
  const pack: ToolPack = names.length === 0 ? {} : await ensureToolPack(deps, names);
  const found = runtime ?? pack["crun"] ?? pack["runc"]!;
  return { runtime: found, runtimeKind: kindOf(found), ip: ip ?? pack["ip"]!, nft: nft ?? pack["nft"]! };
}

function findRuntime(path: string): string | undefined {
  return (crunRunsHere() ? findProgram("crun", path) : undefined) ?? findProgram("runc", path);
}

function crunRunsHere(): boolean {
  // crun refuses hosts that have controllers on both versions of cgroups at once.
  const unified = "/sys/fs/cgroup/unified/cgroup.controllers";
  return !existsSync(unified) || readFileSync(unified, "utf8").trim() === "";
}

function kindOf(runtime: string): RuntimeKind {
  const name = basename(runtime);
  const kind = (["crun", "runsc", "runc"] as const).find((candidate) => name.includes(candidate));
  if (kind === undefined) throw new TypeError(`unknown kind of OCI runtime: ${runtime}`);
  return kind;
}
