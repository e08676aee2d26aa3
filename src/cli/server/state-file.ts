import { readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Zombie and dead; proc_pid_stat(5), field 3. */
const ENDED_STATES = ["Z", "X", "x"];

/** What a running server tells about itself, in server.json of its data folder. */
export interface ServerState {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, so that a reused pid is not taken for the server. */
  readonly processStart: string;
  readonly host: string;
  readonly port: number;
  readonly ingressPort: number;
  readonly caFile: string;
  readonly startTime: string;
}

/** The state of the server that runs on a data folder; undefined when none does. */
export async function readServerState(dataDir: string): Promise<ServerState | undefined> {
  const text = await readFile(stateFile(dataDir), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as ServerState;
  return processStartOf(state.pid) === state.processStart ? state : undefined;
}

export async function writeServerState(dataDir: string, state: ServerState): Promise<void> {
  await writeFile(`${stateFile(dataDir)}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${stateFile(dataDir)}.new`, stateFile(dataDir));
}

export async function removeServerState(dataDir: string): Promise<void> {
  await rm(stateFile(dataDir), { force: true });
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or it has ended and nobody asked how yet. */
export function processStartOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ENDED_STATES.includes(fields[0]!) ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function stateFile(dataDir: string): string {
  return join(dataDir, "server.json");
}
