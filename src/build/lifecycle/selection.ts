import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { stringify } from "smol-toml";
import { escapeId, type Group, isBuildpackId, readOrder } from "./buildpack.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import type { BuildpackChoice, InlineBuildpack, Selection } from "./exchange.ts";
import type { Surrounding } from "./order.ts";
import type { Settings } from "./settings.ts";
import { type Fields, readToml } from "./toml.ts";

/** What is to be detected, and where the buildpacks are. */
export interface SelectedOrder {
  readonly order: readonly Group[];
  readonly surrounding: Surrounding;
  /** Folders for the index, those of the selection first. */
  readonly buildpacksDirs: readonly string[];
}

/** Where images of buildpacks have theirs (distribution.md, "Buildpackage"). */
const IMAGE_BUILDPACKS = "/cnb/buildpacks";

/**
 * The order of the builder with what the project or its user asks for: other buildpacks in place of it, before each group
 * or after it, of the builder, from the source, or written in the project descriptor. System buildpacks surround them.
 */
export function selectOrder(settings: Settings, selection: Selection): SelectedOrder {
  const folder = join(settings.outputDir, "buildpacks");
  const use = (choices: readonly BuildpackChoice[]): Group =>
    choices.map((choice) => referTo(choice, settings, folder));
  const system = readToml(settings.systemPath)?.table("system");
  const { group, pre = [], post = [] } = selection;
  const order = group ? groupsOf(group, settings, use) : readOrderFile(settings.orderPath);
  return {
    order,
    surrounding: {
      pre: [...systemGroup(system, "pre"), ...use(pre)],
      post: [...use(post), ...systemGroup(system, "post")],
    },
    buildpacksDirs: [folder, settings.buildpacksDir, IMAGE_BUILDPACKS],
  };
}

/** One group of everything that was asked for; "from=builder" stands for each of the builder's groups in turn. */
function groupsOf(
  choices: readonly BuildpackChoice[],
  settings: Settings,
  use: (choices: readonly BuildpackChoice[]) => Group,
): readonly Group[] {
  const at = choices.findIndex((choice) => "fromBuilder" in choice);
  if (at < 0) return [use(choices)];
  const [before, after] = [use(choices.slice(0, at)), use(choices.slice(at + 1))];
  return readOrderFile(settings.orderPath).map((group) => [...before, ...group, ...after]);
}

function readOrderFile(path: string): readonly Group[] {
  const toml = readToml(path);
  if (!toml) throw new LifecycleError(`${path} is missing`, exitCodes.generic);
  if (toml.tables("order-extensions").length > 0) toml.fail("image extensions (order-extensions) are not supported");
  return readOrder(toml);
}

function systemGroup(system: Fields | undefined, place: "pre" | "post"): Group {
  const references = system?.table(place).tables("buildpacks") ?? [];
  return references.map((reference) => ({
    id: reference.text("id") ?? "",
    version: reference.text("version") ?? "",
    optional: reference.flag("optional"),
    execEnvs: [],
  }));
}

function referTo(choice: BuildpackChoice, settings: Settings, folder: string): Group[number] {
  if ("fromBuilder" in choice) throw new LifecycleError("from=builder may be named once", exitCodes.generic);
  if ("inline" in choice) writeInline(choice, folder);
  const { id, version } = "path" in choice ? linkBuildpack(choice.path, settings, folder) : choice;
  return { id, version, optional: false, execEnvs: [] };
}

/** Makes a folder of the source known as the buildpack that it says it is. */
function linkBuildpack(path: string, settings: Settings, folder: string): { id: string; version: string } {
  const root = posix.join(settings.buildpackSourcesDir, path);
  const about = readToml(join(root, "buildpack.toml"))?.table("buildpack");
  if (!about) throw new LifecycleError(`${path}: there is no buildpack.toml`, exitCodes.generic);
  const [id, version] = [about.text("id") ?? "", about.text("version") || "0.0.0"];
  symlinkSync(root, newFolder(folder, id, version));
  return { id, version };
}

/** Project Descriptor, "Inline Buildpack": a script that takes part in any build. */
function writeInline({ id, version, inline }: InlineBuildpack, folder: string): void {
  const root = newFolder(folder, id, version);
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "buildpack.toml"), stringify({ api: inline.api, buildpack: { id, version } }));
  const scripts = { detect: "#!/bin/sh\nexit 0\n", build: `#!${inline.shell}\n\n${inline.script}` };
  for (const [name, content] of Object.entries(scripts)) {
    writeFileSync(join(root, "bin", name), content);
    chmodSync(join(root, "bin", name), 0o755);
  }
}

function newFolder(folder: string, id: string, version: string): string {
  if (!isBuildpackId(id)) throw new LifecycleError(`invalid buildpack id '${id}'`, exitCodes.generic);
  if (!/^[A-Za-z0-9.+-]+$/.test(version) || /^\.+$/.test(version))
    throw new LifecycleError(`invalid version '${version}' of buildpack '${id}'`, exitCodes.generic);
  const path = join(folder, escapeId(id), version);
  if (existsSync(path)) throw new LifecycleError(`buildpack '${id}@${version}' is named twice`, exitCodes.generic);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
