import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Networks } from "../../network/network.ts";
import type { Sandbox, SandboxExit, Sandboxes, SandboxSpec } from "../../sandbox.ts";

/** Exit code by which a test process says "the kernel killed me for memory". */
export const OUT_OF_MEMORY_EXIT = 86;

/** Sandboxes that are plain child processes: real sockets and signals, no isolation. `started` and `running` count them. */
export interface ProcessSandboxes extends Sandboxes {
  readonly running: ReadonlySet<string>;
  readonly started: number;
  readonly paused: ReadonlySet<string>;
}

/** Child processes that listen on the loopback address of their network, given to them as HOST. */
export function processSandboxes(): ProcessSandboxes {
  const running = new Set<string>();
  const paused = new Set<string>();
  let started = 0;
  return {
    running,
    paused,
    get started() {
      return started;
    },
    async start(spec) {
      started++;
      const child = spawnProcess(spec);
      running.add(spec.id);
      child.once("exit", () => running.delete(spec.id));
      return processSandbox(spec, child, paused);
    },
    async removeLeftovers() {},
  };
}

/** Shared by all networks of this process; the process id keeps parallel test processes apart. */
let lastAddress = 0;

/** Networks of one loopback address each; the namespace path is the address. `inUse` counts the leases. */
export function loopbackNetworks(): Pick<Networks, "acquire"> & { readonly inUse: ReadonlySet<string> } {
  const inUse = new Set<string>();
  return {
    inUse,
    async acquire() {
      lastAddress = (lastAddress % 253) + 1;
      const address = `127.${1 + ((process.pid >> 8) & 127)}.${process.pid & 255}.${1 + lastAddress}`;
      inUse.add(address);
      return {
        namespacePath: address,
        address,
        gateway: "127.0.0.1",
        async [Symbol.asyncDispose]() {
          inUse.delete(address);
        },
      };
    },
  };
}

function spawnProcess(spec: SandboxSpec): ChildProcess {
  const [command = "", ...args] = spec.args;
  const host = spec.network === "none" ? "127.0.0.1" : spec.network.namespacePath;
  const child = spawn(command, args, { env: { ...spec.env, HOST: host }, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.on("data", (chunk: Buffer) => void spec.onOutput("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => void spec.onOutput("stderr", chunk));
  return child;
}

function processSandbox({ id }: SandboxSpec, child: ChildProcess, paused: Set<string>): Sandbox {
  const exited: Promise<SandboxExit> = once(child, "close").then(([exitCode, signal]: (number | string | null)[]) => ({
    exitCode: typeof exitCode === "number" ? exitCode : null,
    signal: typeof signal === "string" ? signal : null,
    outOfMemory: exitCode === OUT_OF_MEMORY_EXIT,
  }));
  return {
    id,
    exited,
    async kill(signal) {
      child.kill(signal);
    },
    async pause() {
      child.kill("SIGSTOP");
      paused.add(id);
    },
    async resume() {
      child.kill("SIGCONT");
      paused.delete(id);
    },
    async setCpus() {},
    async processes() {
      return undefined;
    },
    async memoryUsedBytes() {
      return 0;
    },
    cpuUsedSeconds: async () => cpuSecondsOf(child.pid),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** User and system time of a process, which the kernel counts in hundredths of a second. */
async function cpuSecondsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
