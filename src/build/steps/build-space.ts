import { chmod, lstat, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { constants } from "node:fs";
import { scriptFile, WORKSPACE } from "./step-command.ts";

/** The folders of one build on the host, below one folder of its own; disposing deletes it. */
export interface BuildSpace extends AsyncDisposable {
  readonly path: string;
  /** /builder/home of all steps. */
  readonly home: string;
  /** The folder of a named volume. */
  volume(name: string): Promise<string>;
  /** What one step has to itself. */
  step(index: number): Promise<StepSpace>;
  /** An empty folder for what provides the step images of one kind. */
  provider(index: number): Promise<string>;
}

export interface StepSpace {
  /** The writable layer. */
  readonly layer: string;
  /** /builder/outputs */
  readonly outputs: string;
  /** Writes the file that runs a script; resolves with its path. */
  writeScript(script: string): Promise<string>;
}

/** Google: cloudbuild.proto, Results.build_step_outputs. */
const MAX_OUTPUT_BYTES = 50_000;

/** Makes the folder, in place of one that a crashed attempt of the same build left. */
export async function createBuildSpace(path: string, homeFiles: Readonly<Record<string, string>>): Promise<BuildSpace> {
  await rm(path, { recursive: true, force: true });
  const make = async (...names: string[]): Promise<string> => {
    const folder = join(path, ...names);
    await mkdir(folder, { recursive: true });
    return folder;
  };
  const home = await make("home");
  for (const [name, content] of Object.entries(homeFiles)) {
    await make("home", posix.dirname(name));
    await writeFile(join(home, name), content);
  }
  return {
    path,
    home,
    // Names are checked by who asks, and cannot lead elsewhere.
    volume: (name) => make("volumes", encodeURIComponent(name)),
    provider: (index) => make("providers", String(index)),
    async step(index) {
      const at = (name: string) => make("steps", String(index), name);
      const [layer, outputs] = await Promise.all([at("layer"), at("outputs")]);
      // Whatever user the image has.
      await chmod(outputs, 0o777);
      return {
        layer,
        outputs,
        async writeScript(script) {
          const file = join(path, "steps", String(index), "script");
          await writeFile(file, scriptFile(script));
          await chmod(file, 0o755);
          return file;
        },
      };
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The first 50 KB of what a step wrote to $BUILDER_OUTPUT/output; empty unless that is a plain file. */
export async function readStepOutput(outputs: string): Promise<Uint8Array> {
  try {
    // Nothing that a step makes of it leads elsewhere or blocks.
    await using file = await open(
      join(outputs, "output"),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    if (!(await file.stat()).isFile()) return new Uint8Array();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_OUTPUT_BYTES), 0, MAX_OUTPUT_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  }
}

/**
 * Makes a step's working directory below the workspace, as `docker run --workdir` does. Where the path leads through a
 * link it is left to the step: only inside the sandbox is it safe to follow.
 */
export async function ensureWorkingFolder(workspace: string, folder: string): Promise<void> {
  const relative = posix.relative(WORKSPACE, folder);
  if (relative === "" || relative === ".." || relative.startsWith("../")) return;
  let path = workspace;
  for (const part of relative.split("/")) {
    path = join(path, part);
    await mkdir(path).catch(() => {});
    const stats = await lstat(path).catch(() => undefined);
    if (!stats?.isDirectory()) return;
  }
}
