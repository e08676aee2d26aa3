import { spawn } from "node:child_process";

/** Runs a program of the host with `input` on its stdin; resolves with its stdout, rejects with what it said on failure. */
export function runCommand(path: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.stdin.on("error", () => {});
    child.once("error", (cause) => reject(new CommandError(`${path} does not start`, { cause })));
    child.once("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const said = Buffer.concat(errors).toString().trim();
      reject(new CommandError(`${path} ${args.join(" ")} ended with code ${code}: ${said}`));
    });
    child.stdin.end(input);
  });
}

/** A program of the host did not start, or failed; the message carries what it wrote to stderr. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
