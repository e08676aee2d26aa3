import { spawn } from "node:child_process";
import { BuildpackError } from "./error.ts";

export interface ExecOptions {
  /** Variables for this command only; they are shown behind the command in the log. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** True for the user's part of the build: command and output go to the log, and a failure is the user's. */
  readonly user?: boolean;
}

export interface ExecResult {
  readonly stdout: string;
}

export interface ExecSurroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly write: (output: string | Uint8Array) => void;
}

/** How much of a command's output goes into the error message. Google: buildpacks, pkg/gcpbuildpack/builderoutput.go. */
const MAX_MESSAGE_CHARACTERS = 49_000;
export const DIVIDER: string = "-".repeat(80);

/** Runs a command to its end; throws a BuildpackError with the end of its output when it fails. */
export async function exec(
  surroundings: ExecSurroundings,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { write } = surroundings;
  const shown = readable(command, options.env);
  const startMs = performance.now();
  if (options.user) write(`${DIVIDER}\nRunning "${shown}"\n`);
  const { status, stdout, combined } = await run(surroundings, command, options);
  if (options.user) write(`Done "${shorten(shown)}" (${formatDuration(performance.now() - startMs)})\n`);
  if (status === 0) return { stdout: stdout.trim() };
  const message = keepTail(combined.trim()) || `executing command "${shown}": exit code ${status}`;
  throw new BuildpackError(message, options.user ? "UNKNOWN" : "INTERNAL", command);
}

/** A duration as Go prints it: "1.234s", "56ms". */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${Number((ms / 1000).toFixed(3))}s`;
}

interface Run {
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly combined: string;
}

function run(surroundings: ExecSurroundings, command: readonly string[], options: ExecOptions): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  const [file = "", ...args] = command;
  const env = { ...surroundings.env, ...options.env };
  const child = spawn(file, args, { cwd: options.cwd ?? surroundings.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const combined: Buffer[] = [];
  const take = (into: Buffer[][]) => (chunk: Buffer) => {
    for (const list of into) list.push(chunk);
    if (options.user) surroundings.write(chunk);
  };
  child.stdout.on("data", take([stdout, combined]));
  child.stderr.on("data", take([combined]));
  child.on("error", (error) =>
    combined.push(Buffer.from(`executing command "${readable(command)}": ${error.message}`)),
  );
  child.on("close", (code, signal) =>
    resolve({ status: code ?? signal ?? 1, stdout: text(stdout), combined: text(combined) }),
  );
  return promise;
}

function readable(command: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return variables.length > 0 ? `${command.join(" ")} (${variables.join(" ")})` : command.join(" ");
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function keepTail(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS ? message : `...${message.slice(3 - MAX_MESSAGE_CHARACTERS)}`;
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString();
}
