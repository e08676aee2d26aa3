import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, LifecycleError } from "./errors.ts";
import { type Fields, readToml } from "./toml.ts";

/** A buildpack on disk (buildpack.md, "buildpack.toml"). */
export interface Buildpack {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly api: string;
  readonly homepage: string | undefined;
  readonly root: string;
  /** True when the user's build variables stay out of its environment. */
  readonly clearEnv: boolean;
  /** Groups of a composite buildpack; undefined for one that has bin/detect and bin/build. */
  readonly order: readonly Group[] | undefined;
  readonly targets: readonly Target[];
  /** Execution environments it supports; empty for all. */
  readonly execEnvs: readonly string[];
  /** A module next to buildpack.toml that does what bin/detect and bin/build do, without a process of its own. */
  readonly module: string | undefined;
}

export interface Target {
  readonly os: string | undefined;
  readonly arch: string | undefined;
  readonly variant: string | undefined;
  readonly distros: readonly { readonly name: string | undefined; readonly version: string | undefined }[];
}

export type Group = readonly GroupReference[];

export interface GroupReference {
  readonly id: string;
  readonly version: string;
  readonly optional: boolean;
  readonly execEnvs: readonly string[];
}

/** Finds buildpacks by id and version; without a version, the newest. */
export type BuildpackIndex = (id: string, version: string) => Buildpack;

/** Buildpack API versions that this lifecycle speaks; the older ones differ in ways that none of these has. */
const SUPPORTED_APIS: ReadonlySet<string> = new Set(["0.7", "0.8", "0.9", "0.10", "0.11", "0.12"]);
const ID = /^[A-Za-z0-9./-]+$/;
/** Names that the layers directory needs for itself. */
const RESERVED_IDS: ReadonlySet<string> = new Set(["app", "config", "generated", "sbom", ".", ".."]);

/**
 * An index over folders laid out as ID/VERSION (platform.md, "Buildpacks Directory Layout"); slashes of an id are
 * underscores in folder names, and what is in an earlier folder hides what is in a later one. Each buildpack is read
 * once; asking for one that is missing throws. Only those below `modulesDir` may run as modules.
 */
export function createBuildpackIndex(buildpacksDirs: readonly string[], modulesDir?: string): BuildpackIndex {
  const known = new Map<string, Buildpack>();
  return (id, version) => {
    if (!isBuildpackId(id)) throw new LifecycleError(`invalid buildpack id '${id}'`, exitCodes.generic);
    const folders = buildpacksDirs.map((folder) => join(folder, escapeId(id))).filter((folder) => existsSync(folder));
    const chosen = version || (folders.map(newestVersion).find((found) => found !== "") ?? "");
    const key = `${id}@${chosen}`;
    const folder = folders.map((path) => join(path, chosen)).find((path) => chosen !== "" && existsSync(path));
    if (folder === undefined) throw new LifecycleError(`buildpack '${key}' is not there`, exitCodes.generic);
    const buildpack = known.get(key) ?? readBuildpack(folder, id, modulesDir);
    known.set(key, buildpack);
    return buildpack;
  };
}

/** buildpack.md, "The buildpack ID". */
export function isBuildpackId(id: string): boolean {
  return ID.test(id) && !RESERVED_IDS.has(id);
}

/** How an id is written in folder names. */
export function escapeId(id: string): string {
  return id.replaceAll("/", "_");
}

/** Whether a buildpack's API version is `minor` of major version 0, or later. */
export function isAtLeast(api: string, minor: number): boolean {
  return Number(api.split(".")[1] ?? 0) >= minor;
}

/** Reads the groups of an order definition (order.toml or a composite buildpack). */
export function readOrder(toml: Fields): Group[] {
  return toml.tables("order").map((order) => readGroup(order.tables("group")));
}

/** Reads references to buildpacks. */
export function readGroup(references: readonly Fields[]): Group {
  return references.map((reference) => ({
    id: reference.text("id") ?? "",
    version: reference.text("version") ?? "",
    optional: reference.flag("optional"),
    execEnvs: reference.texts("exec-env"),
  }));
}

function readBuildpack(folder: string, id: string, modulesDir: string | undefined): Buildpack {
  // The real path, so that a buildpack may import what lies beside it.
  const root = realpathSync(folder);
  const toml = readToml(join(root, "buildpack.toml"));
  if (!toml) throw new LifecycleError(`${root}/buildpack.toml is missing`, exitCodes.generic);
  const about = toml.table("buildpack");
  const api = toml.text("api") ?? "";
  if (!SUPPORTED_APIS.has(api)) {
    throw new LifecycleError(`buildpack API version '${api}' of ${id} is not supported`, exitCodes.buildpackApi);
  }
  if (about.text("id") !== id) about.fail(`id is '${about.text("id") ?? ""}', but it was found as '${id}'`);
  const order = readOrder(toml);
  const isOwn = modulesDir !== undefined && root.startsWith(`${modulesDir}/`);
  return {
    id,
    api,
    root,
    version: about.text("version") ?? "",
    name: about.text("name") ?? id,
    homepage: about.text("homepage"),
    clearEnv: about.flag("clear-env"),
    order: order.length > 0 ? order : undefined,
    targets: readTargets(toml, root),
    execEnvs: isAtLeast(api, 12) ? readExecEnvs(about) : [],
    module: isOwn ? toml.table("metadata").text("module") : undefined,
  };
}

/** The specification has a table per name; the lifecycle of Cloud Native Buildpacks, a list of names. */
function readExecEnvs(about: Fields): readonly string[] {
  const value = about.raw["exec-env"];
  const isTables = Array.isArray(value) && value.some((item) => typeof item !== "string");
  return isTables ? about.tables("exec-env").flatMap((item) => item.text("name") ?? []) : about.texts("exec-env");
}

/** buildpack.md, "Targets"; for buildpacks that name none, what their stacks or their files say. */
function readTargets(toml: Fields, root: string): Target[] {
  const any = { os: undefined, arch: undefined, variant: undefined, distros: [] };
  const targets = toml.tables("targets").map((target) => ({
    os: target.text("os"),
    arch: target.text("arch"),
    variant: target.text("variant") ?? target.text("arch-variant"),
    distros: target.tables("distros").map((distro) => ({ name: distro.text("name"), version: distro.text("version") })),
  }));
  if (targets.length > 0) return targets;
  const stacks = toml.tables("stacks").map((stack) => stack.text("id"));
  if (stacks.includes("*")) return [any];
  if (stacks.length === 1 && stacks[0] === "io.buildpacks.stacks.bionic")
    return [{ ...any, os: "linux", arch: "amd64", distros: [{ name: "ubuntu", version: "18.04" }] }];
  const bin = join(root, "bin");
  const isForWindows = ["build.bat", "build.exe"].some((name) => existsSync(join(bin, name)));
  return [{ ...any, os: isForWindows && !existsSync(join(bin, "build")) ? "windows" : "linux" }];
}

function newestVersion(folder: string): string {
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1)!;
}
