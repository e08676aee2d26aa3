import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, LifecycleError } from "./errors.ts";
import { readToml, table, tables, type Table, text, texts } from "./toml.ts";

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
  readonly distros: readonly { readonly name: string | undefined; readonly version: string | undefined }[];
}

export type Group = readonly GroupReference[];

export interface GroupReference {
  readonly id: string;
  readonly version: string;
  readonly optional: boolean;
  readonly execEnvs: readonly string[];
}

/** Finds buildpacks by id and version. */
export type BuildpackIndex = (id: string, version: string) => Buildpack;

/** Buildpack API versions that this lifecycle speaks; the older ones differ in ways that none of these has. */
const SUPPORTED_APIS: ReadonlySet<string> = new Set(["0.7", "0.8", "0.9", "0.10", "0.11", "0.12"]);

/**
 * An index over a folder laid out as ID/VERSION (platform.md, "Buildpacks Directory Layout"); slashes of an id are
 * underscores in folder names. Each buildpack is read once; asking for one that is missing throws.
 */
export function createBuildpackIndex(buildpacksDir: string): BuildpackIndex {
  const known = new Map<string, Buildpack>();
  return (id, version) => {
    const folder = join(buildpacksDir, escapeId(id));
    const chosen = version || newestVersion(folder);
    const key = `${id}@${chosen}`;
    const buildpack = known.get(key) ?? readBuildpack(join(folder, chosen));
    known.set(key, buildpack);
    return buildpack;
  };
}

/** How an id is written in folder names. */
export function escapeId(id: string): string {
  return id.replaceAll("/", "_");
}

/** Reads the groups of an order definition (order.toml or a composite buildpack). */
export function readOrder(toml: Table): Group[] {
  return tables(toml["order"]).map((order) =>
    tables(order["group"]).map((reference) => ({
      id: text(reference["id"]) ?? "",
      version: text(reference["version"]) ?? "",
      optional: reference["optional"] === true,
      execEnvs: texts(reference["exec-env"]),
    })),
  );
}

function readBuildpack(folder: string): Buildpack {
  if (!existsSync(folder)) throw new LifecycleError(`buildpack not found: ${folder}`, exitCodes.generic);
  // The real path, so that a buildpack may import what lies beside it.
  const root = realpathSync(folder);
  const toml = readToml(join(root, "buildpack.toml"));
  if (!toml) throw new LifecycleError(`${root}/buildpack.toml is missing`, exitCodes.generic);
  const about = table(toml["buildpack"]);
  const id = text(about["id"]) ?? "";
  const api = text(toml["api"]) ?? "";
  if (!SUPPORTED_APIS.has(api)) {
    throw new LifecycleError(`buildpack API version '${api}' of ${id} is not supported`, exitCodes.buildpackApi);
  }
  const order = readOrder(toml);
  return {
    id,
    api,
    root,
    version: text(about["version"]) ?? "",
    name: text(about["name"]) ?? id,
    homepage: text(about["homepage"]),
    clearEnv: about["clear-env"] === true,
    order: order.length > 0 ? order : undefined,
    targets: tables(toml["targets"]).map(readTarget),
    execEnvs: tables(about["exec-env"]).flatMap(({ name }) => text(name) ?? []),
    module: text(table(toml["metadata"])["module"]),
  };
}

function readTarget(toml: Table): Target {
  return {
    os: text(toml["os"]),
    arch: text(toml["arch"]),
    distros: tables(toml["distros"]).map(({ name, version }) => ({ name: text(name), version: text(version) })),
  };
}

function newestVersion(folder: string): string {
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1) ?? "";
}
