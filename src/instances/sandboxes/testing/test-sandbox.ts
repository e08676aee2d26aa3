import { systemClock } from "../../../platform/clock.ts";
import type { Sandbox, SandboxExit, Sandboxes, SandboxSpec } from "../../sandbox.ts";

const MIB = 1024 * 1024;

/** What a test says about a sandbox; the rest is a plain sandbox of user 1000 without network. */
export type TestSpec = Partial<SandboxSpec> & Pick<SandboxSpec, "layers" | "args">;

/** A started sandbox with its output. */
export interface TestSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves once what was written to stdout so far contains `text`. */
  printed(text: string): Promise<void>;
}

let count = 0;

export function testSpec(spec: TestSpec): SandboxSpec {
  return {
    id: `test-${count++}`,
    env: { PATH: "/bin" },
    cwd: "/",
    user: { uid: 1000, gid: 1000 },
    hostname: "sandbox",
    mounts: [],
    limits: { memoryBytes: 256 * MIB, cpus: 1, pids: 100 },
    network: "none",
    writableRoot: "memory",
    onOutput: () => {},
    ...spec,
  };
}

export async function startTestSandbox(sandboxes: Sandboxes, spec: TestSpec): Promise<TestSandbox> {
  const written = { stdout: "", stderr: "" };
  const onOutput: SandboxSpec["onOutput"] = (stream, chunk) => void (written[stream] += chunk.toString());
  const sandbox = await sandboxes.start(testSpec({ ...spec, onOutput }));
  return {
    sandbox,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    printed: (text) => until(() => written.stdout.includes(text)),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** Runs a sandbox to its end. */
export async function runTestSandbox(
  sandboxes: Sandboxes,
  spec: TestSpec,
): Promise<SandboxExit & { stdout: string; stderr: string }> {
  await using running = await startTestSandbox(sandboxes, spec);
  const exit = await running.sandbox.exited;
  return { ...exit, stdout: running.stdout(), stderr: running.stderr() };
}

/** Waits until a condition holds, for ten seconds at most. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = systemClock.nowMs() + 10_000;
  while (!(await holds())) {
    if (systemClock.nowMs() > deadline) throw new Error(`still not so after ten seconds: ${holds.toString()}`);
    await systemClock.sleep(5);
  }
}
