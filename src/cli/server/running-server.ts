import { CliError } from "../cli-error.ts";
import { commandLine } from "../command-line.ts";
import { readServerState, type ServerState } from "./state-file.ts";

/** The server that runs on a data folder, or an error that says how to start one. */
export async function requireServer(dataDir: string): Promise<ServerState> {
  const state = await readServerState(dataDir);
  if (state) return state;
  const start = commandLine("up", "--detach", "--data-dir", dataDir);
  throw new CliError(`no server is running on ${dataDir}; start one with: ${start}`);
}

export function apiUrlOf({ host, port }: ServerState): string {
  return `http://${host}:${port}`;
}
