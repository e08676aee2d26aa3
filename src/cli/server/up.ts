import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { systemClock } from "../../platform/clock.ts";
import type { Config } from "../../platform/config/config.ts";
import { type RawSettings, type SettingName, settings } from "../../platform/config/env.ts";
import { jsonLog } from "../../platform/log.ts";
import { CliError } from "../cli-error.ts";
import { commandLine } from "../command-line.ts";
import { configOf, dataDirOf, withSettings } from "./options.ts";
import { requireRoot, runServer } from "./run-server.ts";
import { readServerState, type ServerState } from "./state-file.ts";

const POLL_MS = 20;
/** A first start may have to fetch the OCI runtime. */
const DETACH_TIMEOUT_MS = 120_000;
const LOG_TAIL_LINES = 15;

/** homerun up: starts the server in the foreground, or as a process of its own with --detach. */
export function upCommand(): Command {
  const command = new Command("up")
    .description("Start the server and say where it listens and how to point gcloud at it.")
    .option("--detach", "run in the background; the server's log goes to server.log in the data folder");
  return withSettings(command, Object.keys(settings) as SettingName[]).action(
    (options: RawSettings & { detach?: boolean }) => {
      const config = configOf(options);
      return options.detach ? upDetached(config, process.argv) : upInForeground(config);
    },
  );
}

async function upInForeground(config: Config): Promise<void> {
  const log = jsonLog(
    (line) => process.stderr.write(line),
    config.logLevel,
    () => systemClock.nowMs(),
  );
  // Before the server can be found: whoever reads its state may stop it at once. A second signal ends it unfinished.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await using server = await runServer(config, log);
  console.log(greeting(server.state, config));
  await asked;
  console.error("homerun: stopping");
}

async function upDetached(config: Config, argv: readonly string[]): Promise<void> {
  requireRoot();
  if (await readServerState(config.dataDir)) throw new CliError(`a server already runs on ${config.dataDir}`);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const logFile = join(config.dataDir, "server.log");
  const output = openSync(logFile, "a", 0o600);
  const logStart = fstatSync(output).size;
  const args = argv.slice(1).filter((argument) => argument !== "--detach");
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const deadlineMs = systemClock.nowMs() + DETACH_TIMEOUT_MS;
  while (child.exitCode === null && systemClock.nowMs() < deadlineMs) {
    const state = await readServerState(config.dataDir);
    if (state?.pid === child.pid) {
      child.unref();
      console.log(greeting(state!, config));
      return;
    }
    await systemClock.sleep(POLL_MS);
  }
  child.kill();
  const lines = readFileSync(logFile).subarray(logStart).toString().trimEnd().split("\n");
  throw new CliError(whyNotStarted(lines, logFile));
}

/** The server's own last word, which run.ts prints, or whatever it wrote last. */
function whyNotStarted(lines: readonly string[], logFile: string): string {
  const reason = /^homerun: (.*)/.exec(lines.at(-1) ?? "")?.[1];
  if (reason !== undefined) return `${reason} (log: ${logFile})`;
  return `the server did not start; its log ${logFile} ends with:\n${lines.slice(-LOG_TAIL_LINES).join("\n")}`;
}

function greeting({ host, port, ingressPort }: ServerState, { dataDir }: Config): string {
  const folder = dataDir === dataDirOf({}) ? [] : ["--data-dir", dataDir];
  return [
    "homerun is ready",
    `  APIs and proxy   http://${host}:${port}`,
    `  functions        http://${host}:${ingressPort}`,
    `  data             ${dataDir}`,
    "",
    "Point gcloud and the client libraries at it:",
    `  eval "$(${commandLine("env", ...folder)})"`,
  ].join("\n");
}
