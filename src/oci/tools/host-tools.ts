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
 * packages of the distribution into the data folder. Nothing is installed on the host. crun is preferred to runc,
 * because it starts containers faster.
 */
export async function ensureHostTools(deps: HostToolsDeps): Promise<HostTools> {
  const path = `${deps.path ?? process.env["PATH"] ?? ""}:${SYSTEM_PATH}`;
  const runtime = deps.chosen?.runtime ?? findProgram("crun", path) ?? findProgram("runc", path);
  const ip = deps.chosen?.ip ?? findProgram("ip", path);
  const nft = deps.chosen?.nft ?? findProgram("nft", path);
  const names = [
    ...(runtime === undefined ? ["crun"] : []),
    ...(ip === undefined ? ["ip"] : []),
    ...(nft === undefined ? ["nft"] : []),
  ];
  const pack: ToolPack = names.length === 0 ? {} : await ensureToolPack(deps, names);
  const found = runtime ?? pack["crun"]!;
  return { runtime: found, runtimeKind: kindOf(found), ip: ip ?? pack["ip"]!, nft: nft ?? pack["nft"]! };
}

function kindOf(runtime: string): RuntimeKind {
  const name = basename(runtime);
  const kind = (["crun", "runsc", "runc"] as const).find((candidate) => name.includes(candidate));
  if (kind === undefined) throw new TypeError(`unknown kind of OCI runtime: ${runtime}`);
  return kind;
}
