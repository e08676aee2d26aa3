import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError, type SandboxSpec } from "../sandbox.ts";
import { writeEtcFiles } from "./etc-files.ts";
import { LAYERS_FOLDER, ROOT_FOLDER, RUNTIME_LOG, WRITABLE_FOLDER } from "./launch.ts";
import { ociConfig, type OciConfigHost } from "./oci-config.ts";

/** The folder of one sandbox: the OCI bundle, links to its layers, its writable layer when on disk. */
export interface Bundle extends AsyncDisposable {
  readonly folder: string;
  /** The last thing the OCI runtime complained about, or "". */
  runtimeComplaint(): Promise<string>;
}

/** Makes the folder of a sandbox below `parent`. Rejects with SandboxError when the id is in use. */
export async function createBundle(
  parent: string,
  spec: SandboxSpec,
  cgroupPath: string,
  host: OciConfigHost,
): Promise<Bundle> {
  const folder = join(parent, spec.id);
  await makeFolder(folder, spec.id);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeFolder(folder));
  await Promise.all([LAYERS_FOLDER, ROOT_FOLDER].map((name) => mkdir(join(folder, name))));
  if (spec.writableFolder === undefined) await mkdir(join(folder, WRITABLE_FOLDER));
  else await symlink(spec.writableFolder, join(folder, WRITABLE_FOLDER));
  const files = await writeEtcFiles(spec, folder);
  const config = ociConfig(spec, { root: ROOT_FOLDER, cgroup: cgroupPath, files }, host);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await Promise.all(spec.layers.map((layer, index) => symlink(layer, join(folder, LAYERS_FOLDER, `${index}`))));
  const owned = undo.move();
  return {
    folder,
    runtimeComplaint: () => lastComplaint(join(folder, RUNTIME_LOG)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function makeFolder(folder: string, id: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new SandboxError(`a sandbox ${id} exists already`, { cause: error });
  }
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function lastComplaint(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  const messages = text.split("\n").filter(Boolean).map(messageOf);
  return messages.at(-1) ?? "";
}

function messageOf(line: string): string {
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown };
    return typeof msg === "string" ? msg : line;
  } catch {
    return line;
  }
}
