import { mkdir } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { systemClock } from "../../platform/clock.ts";
import type { Config } from "../../platform/config/config.ts";
import { settings } from "../../platform/config/env.ts";
import type { Log } from "../../platform/log.ts";
import { shrinkHeapWhenIdle } from "../../platform/shrink-heap.ts";
import type { Server } from "../../server/start-server.ts";
import { CliError } from "../cli-error.ts";
import {
  processStartOf,
  readServerState,
  removeServerState,
  type ServerState,
  writeServerState,
} from "./state-file.ts";

/** A server that runs in this process, with its state file written. */
export interface RunningServer extends AsyncDisposable {
  readonly state: ServerState;
}

/** Starts the server in this process. Refuses without root, or when one runs on the same data folder. */
export async function runServer(config: Config, log: Log): Promise<RunningServer> {
  requireRoot();
  const other = await readServerState(config.dataDir);
  if (other) throw new CliError(`a server (pid ${other.pid}) already runs on ${config.dataDir}`);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  // Loaded here, so that commands that only talk to a server stay quick.
  const { startServer } = await import("../../server/start-server.ts");
  const server = await startServer(config, log).catch((error: unknown) => {
    if (isPortInUse(error)) throw portInUse(error.port, config);
    log.error("the server could not start", { error });
    throw new CliError(`the server could not start: ${reasonOf(error)}`, { cause: error });
  });
  const state = stateOf(config, server);
  await writeServerState(config.dataDir, state);
  // Otherwise written when the process ends, unless it is killed.
  flushCompileCache();
  const shrinking = shrinkHeapWhenIdle(systemClock);
  return {
    state,
    async [Symbol.asyncDispose]() {
      shrinking[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await removeServerState(config.dataDir);
    },
  };
}

/** Throws when this process may not start containers. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new CliError("containers and their network need root: run it as root, or with sudo");
}

function isPortInUse(error: unknown): error is Error & { readonly port: number } {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EADDRINUSE" && "port" in error;
}

function portInUse(port: number, { listen }: Config): CliError {
  const { flag } = port === listen.port ? settings.port : settings.ingressPort;
  return new CliError(`port ${port} of ${listen.host} is in use; choose another with ${flag}, or 0 for any free one`);
}

function stateOf(config: Config, server: Server): ServerState {
  return {
    pid: process.pid,
    processStart: processStartOf(process.pid)!,
    host: config.listen.host,
    port: server.apiPort,
    ingressPort: server.ingressPort,
    caFile: server.caFile,
    startTime: new Date().toISOString(),
  };
}

/** What went wrong, with the causes behind it, in one line. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What went wrong first counts, not what went wrong while it was cleaned up.
  if (error instanceof SuppressedError) return reasonOf((error as { suppressed: unknown }).suppressed);
  const cause = error.cause === undefined ? "" : ` (${reasonOf(error.cause)})`;
  return `${error.message.trim()}${cause}`;
}
