import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** Runs podman with this process's own streams; resolves with its exit code. */
export async function runPodman(args: readonly string[]): Promise<number> {
  return exitCode(spawn("podman", args, { stdio: "inherit" }));
}

/** Runs podman and resolves with what it printed; rejects with a PodmanError when it failed. */
export async function askPodman(args: readonly string[]): Promise<string> {
  const child = spawn("podman", args, { stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  const code = await exitCode(child, "close");
  if (code !== 0) throw new PodmanError(text.stderr.trim());
  return text.stdout;
}

/** podman failed; the message is its own. */
export class PodmanError extends Error {
  override readonly name = "PodmanError";
}

/** Longest part of a line that is kept waiting for the rest. */
const MAX_LINE = 64 * 1024;

/** Runs podman with both its outputs in one stream, in order, and calls `onLine` for each line; slow readers slow it down. */
export async function followPodman(args: readonly string[], onLine: (line: string) => Promise<void>): Promise<number> {
  const child = spawn("sh", ["-c", 'exec podman "$@" 2>&1', "sh", ...args], { stdio: ["inherit", "pipe", "inherit"] });
  const exit = exitCode(child);
  let rest = "";
  for await (const chunk of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop()!;
    for (const line of lines) await onLine(line);
    if (rest.length > MAX_LINE) {
      await onLine(rest);
      rest = "";
    }
  }
  if (rest !== "") await onLine(rest);
  return exit;
}

/** Writes a line to standard output and waits until it may go on. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

async function exitCode(child: ChildProcess, event: "close" | "exit" = "exit"): Promise<number> {
  const [code, signal] = (await once(child, event)) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal!];
}
