import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FSWatcher, statSync, watch } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { type Sandbox, SandboxError, type SandboxSpec } from "../sandbox.ts";
import { type Bundle, createBundle } from "./bundle.ts";
import type { Cgroup, Cgroups } from "./cgroups/cgroup.ts";
import { containersOwn, execFailure } from "./exec-failure.ts";
import { launchCommand, type LaunchOptions, PID_FILE } from "./launch.ts";
import type { OciConfigHost } from "./oci-config.ts";
import { type Output, readOutput } from "./output.ts";
import type { Pipes } from "./pipes.ts";
import { runningSandbox } from "./running-sandbox.ts";

/** Starting takes tens of milliseconds; only a runtime that hangs takes this long. */
const START_TIMEOUT_MS = 60_000;

export interface StartDeps {
  readonly runtime: string;
  readonly runtimeKind: LaunchOptions["runtimeKind"];
  readonly cgroups: Cgroups;
  readonly host: OciConfigHost;
  readonly hiddenMount: string | undefined;
  readonly pipes: Pipes;
  /** Folder of the sandboxes' own folders. */
  readonly bundlesDir: string;
  readonly stateDir: string;
  /** False where the data folder's file system cannot hold a writable layer: it is kept in memory then. */
  readonly diskLayers: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts a container and resolves once its process runs. Leaves nothing behind when it rejects. */
export async function startSandbox(deps: StartDeps, spec: SandboxSpec): Promise<Sandbox> {
  const cgroup = await deps.cgroups.create(spec.id, spec.limits);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => cgroup.remove());
  const bundle = undo.use(await createBundle(deps.bundlesDir, spec, cgroup.leafPath, deps.host));
  undo.defer(() => rm(join(deps.stateDir, spec.id), { recursive: true, force: true }));

  const own = containersOwn(spec.onOutput);
  const { child, output } = await launch(deps, { ...spec, onOutput: own.onOutput }, bundle);
  using _patience = deps.clock.after(START_TIMEOUT_MS, () => child.kill("SIGKILL"));
  const exit = once(child, "exit").then(async ([code, signal]) => {
    await output.ended;
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  if (!(await pidFileWritten(bundle.folder, exit))) throw await startError(bundle, cgroup, output, await exit);
  const owned = undo.move();
  const release = () => owned.disposeAsync();
  const sandbox = runningSandbox({ ...deps, ...own, id: spec.id, child, exit, cgroup, release });
  output.release();
  return sandbox;
}

async function launch(
  deps: StartDeps,
  spec: SandboxSpec,
  bundle: Bundle,
): Promise<{ child: ChildProcess; output: Output }> {
  const { command, args, env } = launchCommand({
    ...deps,
    id: spec.id,
    network: spec.network,
    writableRoot: deps.diskLayers || spec.writableRoot !== "disk" ? spec.writableRoot : "memory",
    layerCount: spec.layers.length,
    memoryBytes: spec.limits.memoryBytes,
  });
  const [stdout, stderr] = await Promise.all([deps.pipes.open(), deps.pipes.open()]);
  const output = readOutput({ stdout: stdout.readable, stderr: stderr.readable }, spec.onOutput);
  try {
    // A session of its own: Ctrl-C in the server's terminal reaches the server, which then stops its sandboxes in order.
    const child = spawn(command, args, {
      cwd: bundle.folder,
      stdio: ["ignore", stdout.writeEnd, stderr.writeEnd],
      detached: true,
      env,
    });
    await once(child, "spawn");
    return { child, output };
  } catch (cause) {
    throw new SandboxError(`${command} does not start`, { cause });
  } finally {
    stdout.closeWriteEnd();
    stderr.closeWriteEnd();
  }
}

/** Resolves with true when the runtime has written the process id, with false when it ended without. */
async function pidFileWritten(folder: string, exit: Promise<unknown>): Promise<boolean> {
  const path = join(folder, PID_FILE);
  const written = () => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  let watcher: FSWatcher | undefined;
  const appeared = new Promise<void>((resolve) => {
    watcher = watch(folder, (_, name) => {
      if (name === PID_FILE && written()) resolve();
    });
  });
  try {
    if (!written()) await Promise.race([appeared, exit]);
    return written();
  } finally {
    watcher?.close();
  }
}

async function startError(
  bundle: Bundle,
  cgroup: Cgroup,
  output: Output,
  exit: { code: number | null; signal: NodeJS.Signals | null },
): Promise<SandboxError> {
  if (await cgroup.ranOutOfMemory(exit.signal === "SIGKILL")) {
    return new SandboxError("the memory limit is too low to start a process");
  }
  const said = (await bundle.runtimeComplaint()) || output.heldText().trim();
  const notLoaded = execFailure(said);
  if (notLoaded !== undefined) return new SandboxError(said, { notLoaded });
  return new SandboxError(said || `the OCI runtime ended with ${exit.signal ?? `code ${exit.code}`}`);
}
