import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Sandbox, SandboxExit } from "../sandbox.ts";
import type { Cgroup } from "./cgroups/cgroup.ts";
import { endsProcess, findInitProcess, type InitProcess } from "./init-process.ts";

/** How long the runtime has to report the end of a killed container before it is killed itself. */
const KILL_PATIENCE_MS = 2000;
/** When to look whether the first process still handles a signal it was sent. */
const HANDLER_CHECKS_MS = [5, 20, 100, 500];
/** Runtimes report a process ended by signal N with exit code 128 + N, as shells do. */
const SIGNAL_EXIT_BASE = 128;

export interface RunningSandboxParts {
  readonly id: string;
  readonly runtimeKind: "crun" | "runc" | "runsc";
  /** The process that ends with the container. */
  readonly child: ChildProcess;
  /** Resolves when `child` has ended and all output was read. */
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly cgroup: Cgroup;
  /** Why the program could not be run, if that is so; asked when all output was read. */
  readonly notLoaded: () => string | undefined;
  /** Removes everything the sandbox has on the host. */
  readonly release: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The handle of a container that has been started; everything it has on the host is removed once it has ended. */
export function runningSandbox(parts: RunningSandboxParts): Sandbox {
  const { id, child, cgroup, clock } = parts;
  let ended = false;
  let killedWith: NodeJS.Signals | undefined;

  const exited = parts.exit.then(async (exit) => {
    ended = true;
    const notLoaded = parts.notLoaded();
    return { ...(await describeExit(exit, killedWith, cgroup)), ...(notLoaded !== undefined && { notLoaded }) };
  });
  const released = exited.then(parts.release).catch((error: unknown) => {
    parts.log.error("a sandbox could not be removed from the host", { id, error });
  });

  async function findInit(): Promise<InitProcess | undefined> {
    return parts.runtimeKind === "runsc" ? undefined : findInitProcess(await cgroup.processIds());
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (ended) return;
    await cgroup.thaw();
    const init = await findInit();
    if (init === undefined) return signalRuntime(child, signal);
    if (signal === "SIGKILL" || !endsProcess(signal)) return end(init, signal, signal);
    if (!init.handles(signal)) return end(init, "SIGKILL", signal);
    sendSignal(init.pid, signal);
    void endIfHandlerWasOnce(signal);
  }

  function end(init: InitProcess, signal: NodeJS.Signals, reported: NodeJS.Signals): void {
    if (signal === "SIGKILL") killedWith ??= reported;
    sendSignal(init.pid, signal);
  }

  /** A handler that puts the default effect back and raises the signal again, as Node.js's own, would have no effect. */
  async function endIfHandlerWasOnce(signal: NodeJS.Signals): Promise<void> {
    for (const delayMs of HANDLER_CHECKS_MS) {
      await clock.sleep(delayMs);
      const init = ended ? undefined : await findInitProcess(await cgroup.processIds());
      if (init !== undefined && !init.handles(signal)) return end(init, "SIGKILL", signal);
    }
  }

  return {
    id,
    exited,
    kill,
    pause: () => cgroup.freeze(),
    resume: () => cgroup.thaw(),
    setCpus: (cpus) => cgroup.setCpus(cpus),
    async processes() {
      const init = await findInit();
      return ended || init === undefined || child.pid === undefined
        ? undefined
        : { launcher: child.pid, init: init.pid };
    },
    memoryUsedBytes: () => cgroup.memoryUsedBytes(),
    cpuUsedSeconds: () => cgroup.cpuUsedSeconds(),
    async [Symbol.asyncDispose]() {
      using _patience = clock.after(KILL_PATIENCE_MS, () => child.kill("SIGKILL"));
      await kill("SIGKILL");
      await released;
    },
  };
}

async function describeExit(
  exit: { code: number | null; signal: NodeJS.Signals | null },
  killedWith: NodeJS.Signals | undefined,
  cgroup: Cgroup,
): Promise<SandboxExit> {
  const signal = exit.signal ?? signalOfExitCode(exit.code ?? 0);
  const outOfMemory = await cgroup.ranOutOfMemory(signal === "SIGKILL" && killedWith === undefined);
  if (signal === undefined) return { exitCode: exit.code, signal: null, outOfMemory };
  return { exitCode: null, signal: signal === "SIGKILL" ? (killedWith ?? signal) : signal, outOfMemory };
}

function signalOfExitCode(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === SIGNAL_EXIT_BASE + number)?.[0];
}

/** Without a process to signal, the runtime passes signals on; SIGKILL ends it and with it the whole PID namespace. */
function signalRuntime(child: ChildProcess, signal: NodeJS.Signals): void {
  if (signal === "SIGKILL") child.kill("SIGKILL");
  else for (const pid of childrenOf(child.pid)) sendSignal(pid, signal);
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
