import { readFile } from "node:fs/promises";
import { constants } from "node:os";

/** The first process of a sandbox, as the host sees it. */
export interface InitProcess {
  readonly pid: number;
  /** False when the signal would have its default effect, which the kernel withholds from the first process. */
  handles(signal: NodeJS.Signals): boolean;
}

/** Signals whose default effect is not to end the process. */
const HARMLESS = new Set<NodeJS.Signals>([
  "SIGCHLD",
  "SIGCONT",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGWINCH",
]);

/** Finds the process that is number 1 in its own PID namespace among the processes of a sandbox. */
export async function findInitProcess(pids: readonly number[]): Promise<InitProcess | undefined> {
  for (const pid of pids) {
    const status = await readStatus(pid);
    if (status.get("NSpid")?.split(/\s+/).at(-1) === "1") return describe(pid, status);
  }
  return undefined;
}

/** Whether the default effect of a signal is the end of the process. */
export function endsProcess(signal: NodeJS.Signals): boolean {
  return !HARMLESS.has(signal);
}

function describe(pid: number, status: ReadonlyMap<string, string>): InitProcess {
  const has = (set: string, signal: NodeJS.Signals) =>
    ((BigInt(`0x${status.get(set) ?? "0"}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  return { pid, handles: (signal) => signal === "SIGKILL" || has("SigCgt", signal) || has("SigIgn", signal) };
}

async function readStatus(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return new Map(text.split("\n").map((line) => [line.split(":")[0] ?? "", line.split(":")[1]?.trim() ?? ""]));
}
