import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "../../src/oci/find-program.ts";
import { freePort } from "./plain-node.ts";

/** The official Pub/Sub emulator, in a process of its own. */
export interface PubsubEmulator extends AsyncDisposable {
  /** "127.0.0.1:PORT", for gRPC and HTTP. */
  readonly address: string;
  readonly pid: number;
}

/** Starts the emulator that gcloud has installed; undefined where it or Java is missing. */
export async function openPubsubEmulator(): Promise<PubsubEmulator | undefined> {
  const jar = await findJar();
  const java = findProgram("java");
  if (jar === undefined || java === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "homerun-bench-emulator-"));
  const port = await freePort();
  const args = ["-jar", jar, "--host=127.0.0.1", `--port=${port}`, `--data-dir=${folder}`];
  const child = spawn(java, args, { stdio: ["ignore", "ignore", "ignore"] });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`the emulator ended with ${child.exitCode}`);
    await delay(50);
  }
  return {
    address: `127.0.0.1:${port}`,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its place in the Cloud SDK: bin/gcloud and platform/pubsub-emulator have one parent. */
async function findJar(): Promise<string | undefined> {
  const gcloud = findProgram("gcloud");
  if (gcloud === undefined) return undefined;
  const lib = join(dirname(await realpath(gcloud)), "..", "platform", "pubsub-emulator", "lib");
  const files = await readdir(lib).catch(() => []);
  const jar = files.find((file) => /^cloud-pubsub-emulator-.*\.jar$/.test(file));
  return jar && join(lib, jar);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
