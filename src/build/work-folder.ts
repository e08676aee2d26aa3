import { chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { escapeId } from "./lifecycle/buildpack.ts";
import type { RestoreRequest, Selection } from "./lifecycle/exchange.ts";
import type { Owner } from "./lifecycle/tar.ts";
import type { PackageAccess } from "./package-access/package-access.ts";

export interface WorkFolderInputs {
  readonly owner: Owner;
  /** The user's build environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that hold unless the user or a buildpack sets them. */
  readonly operatorEnv: Readonly<Record<string, string>>;
  readonly homeFiles: PackageAccess["homeFiles"];
  readonly restore: RestoreRequest;
  readonly selection: Selection;
  /** File of a software bill of materials that `restore` names by its digest. */
  readonly sbomFile: (digest: string) => string;
}

/** The folder of one build on the host; disposing deletes it. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** Lies over the build image's root: the folders that the build user may write to. */
  readonly root: string;
  /** /platform of the sandbox. */
  readonly platform: string;
  /** /cnb/build-config of the sandbox. */
  readonly buildConfig: string;
  /** /output of the sandbox. */
  readonly output: string;
  /** Where the build image's placeholders ask for tools. */
  readonly toolsSignal: string;
}

/** Home directory of the build user. */
export const HOME = "/home/cnb";

/** Makes the folder, in place of one that a crashed attempt of the same build left. */
export function createWorkFolder(path: string, inputs: WorkFolderInputs): WorkFolder {
  rmSync(path, { recursive: true, force: true });
  const at = (name: string): string => join(path, name);
  const { uid, gid } = inputs.owner;
  const writable = (folder: string): void => {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, uid, gid);
  };
  for (const folder of ["workspace", "layers", HOME]) writable(join(at("root"), folder));
  // The parents that cached layers bring along belong to root.
  for (const { key } of inputs.restore.buildpacks) writable(join(at("root"), "layers", escapeId(key)));
  writable(at("output"));
  writable(at("tools-signal"));
  writeFiles(join(at("platform"), "env"), Object.fromEntries(Object.entries(inputs.env).filter(isFileName)));
  const operatorFiles = Object.entries(inputs.operatorEnv).map(([name, value]) => [`${name}.default`, value] as const);
  writeFiles(join(at("build-config"), "env"), Object.fromEntries(operatorFiles));
  writeFiles(join(at("build-config"), "home"), inputs.homeFiles);
  writeFiles(at("build-config"), {
    "restore.json": JSON.stringify(inputs.restore),
    "selection.json": JSON.stringify(inputs.selection),
  });
  linkSboms(join(at("build-config"), "sboms"), inputs);
  return {
    path,
    root: at("root"),
    platform: at("platform"),
    buildConfig: at("build-config"),
    output: at("output"),
    toolsSignal: at("tools-signal"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function linkSboms(folder: string, { restore, sbomFile }: WorkFolderInputs): void {
  const layers = restore.buildpacks.flatMap((buildpack) => Object.values(buildpack.layers));
  const digests = new Set(layers.flatMap(({ sbom }) => Object.values(sbom ?? {})));
  mkdirSync(folder);
  for (const digest of digests) copyFileSync(sbomFile(digest), join(folder, digest.replace(":", "-")));
}

/** A variable whose name cannot be a file's cannot be handed to buildpacks; it must not lead elsewhere either. */
function isFileName([name]: readonly [string, string]): boolean {
  return /^[^/\0]+$/.test(name) && name !== "." && name !== "..";
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
