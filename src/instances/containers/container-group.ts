import type { Clock } from "../../platform/clock.ts";
import type { ContainerOutput } from "../logs/instance-output.ts";
import type { Sandbox, SandboxExit } from "../sandbox.ts";
import type { ContainerSpec } from "../workload.ts";
import type { PreparedInstance } from "./start-instance.ts";

/** One container whose process runs, or has run. */
export interface RunningContainer {
  readonly container: ContainerSpec;
  readonly sandbox: Sandbox;
  readonly output: ContainerOutput;
}

/** A container that has ended, and how. */
export interface ContainerExit {
  readonly container: ContainerSpec;
  readonly exit: SandboxExit;
}

/** The containers of an instance that has started. Disposing kills them and gives back network and volumes. */
export interface ContainerGroup extends AsyncDisposable {
  readonly address: string;
  readonly main: RunningContainer;
  readonly containers: readonly RunningContainer[];
  /** Resolves with the first container that ends. */
  readonly firstExit: Promise<ContainerExit>;
  /** Stops or resumes the CPU time of all processes. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** CPU time that the containers have had; 0 for those that have ended. */
  cpuUsedSeconds(): Promise<number>;
  memoryUsedBytes(): Promise<number>;
  /** Takes back what the containers got beyond their CPU limits for the start. */
  endBoost(): Promise<void>;
  /**
   * Sends SIGTERM to all containers and resolves when they have ended; those that still run after `graceMs` get SIGKILL.
   * Idempotent.
   */
  terminate(clock: Clock, graceMs: number): Promise<void>;
  /** Sends SIGKILL to all containers and resolves when they have ended. */
  kill(): Promise<void>;
}

export function containerGroup(prepared: PreparedInstance, containers: readonly RunningContainer[]): ContainerGroup {
  const [main] = containers;
  if (main === undefined) throw new Error("an instance has a container");
  const all = (act: (sandbox: Sandbox) => Promise<void>) =>
    Promise.all(containers.map(({ sandbox }) => act(sandbox))).then(() => undefined);
  const signal = (name: NodeJS.Signals) => all((sandbox) => sandbox.kill(name).catch(() => undefined));
  const ended = Promise.all(containers.map(({ sandbox }) => sandbox.exited)).then(() => undefined);
  const kill = async () => {
    await signal("SIGKILL");
    await ended;
  };
  const terminate = async (clock: Clock, graceMs: number) => {
    const grace = new AbortController();
    await signal("SIGTERM");
    await Promise.race([ended, clock.sleep(graceMs, grace.signal).catch(() => undefined)]);
    grace.abort();
    await kill();
  };
  let terminated: Promise<void> | undefined;
  return {
    address: prepared.address,
    main,
    containers,
    firstExit: Promise.race(containers.map(exitOf)),
    pause: () => all((sandbox) => sandbox.pause()),
    resume: () => all((sandbox) => sandbox.resume()),
    cpuUsedSeconds: () => sumOf(containers, (sandbox) => sandbox.cpuUsedSeconds()),
    memoryUsedBytes: () => sumOf(containers, (sandbox) => sandbox.memoryUsedBytes()),
    async endBoost() {
      await Promise.all(containers.map(({ container, sandbox }) => sandbox.setCpus(container.limits.cpus)));
    },
    terminate: (clock, graceMs) => (terminated ??= terminate(clock, graceMs)),
    kill,
    [Symbol.asyncDispose]: () => prepared[Symbol.asyncDispose](),
  };
}

/** Resolves when a container has ended. */
export async function exitOf({ container, sandbox }: RunningContainer): Promise<ContainerExit> {
  return { container, exit: await sandbox.exited };
}

async function sumOf(
  containers: readonly RunningContainer[],
  read: (sandbox: Sandbox) => Promise<number>,
): Promise<number> {
  const values = await Promise.all(containers.map(({ sandbox }) => read(sandbox).catch(() => 0)));
  return values.reduce((sum, value) => sum + value, 0);
}
