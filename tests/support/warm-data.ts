import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RealServer, startRealServer } from "./real-server.ts";
import { until } from "./until.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");
const FOLDER = join(REPOSITORY, "node_modules", ".cache", "homerun-warm-data");
/** What the content of a warm data folder depends on. */
const SOURCES = [
  "src/oci/**/*.ts",
  "src/platform/store/*.ts",
  "src/services/artifactregistry/**/*.ts",
  "src/**/migrations.ts",
  "examples/hello-http/*",
];
/** Files that are never changed once written, so that copies may share them. */
const SHARED = ["base-images", "blobs", "cache", "images", "layers", "tools"];
const run = promisify(execFile);

/** A server on a warm data folder of its own, which goes with it. */
export async function startWarmServer(flags: readonly string[] = []): Promise<RealServer> {
  return startRealServer({ dataDir: await warmDataFolder(), removeData: true, flags });
}

/**
 * A data folder of a server that has already composed its base images, built a function and used docker once, as on a developer's
 * second day; a copy of one that is made on first use and kept with the dependencies. Remove it when done.
 */
export async function warmDataFolder(): Promise<string> {
  const made = join(FOLDER, versionOf(SOURCES));
  await ensureMade(made);
  const copy = await mkdtemp(join(tmpdir(), "homerun-warm-"));
  for (const name of await readdir(made)) {
    await run("cp", [SHARED.includes(name) ? "-al" : "-a", join(made, name), copy]);
  }
  return copy;
}

/** One of several test files at a time makes it; the others wait. */
async function ensureMade(folder: string): Promise<void> {
  const lock = `${FOLDER}.lock`;
  await mkdir(join(FOLDER, ".."), { recursive: true });
  await until(async () => {
    if (existsSync(folder)) return true;
    const holder = await readFile(lock, "utf8").catch(() => "");
    if (holder !== "" && !existsSync(`/proc/${holder}`)) await rm(lock, { force: true });
    const isMine = await writeFile(lock, String(process.pid), { flag: "wx" }).then(
      () => true,
      () => false,
    );
    if (!isMine) return false;
    try {
      await make(folder);
      return true;
    } finally {
      await rm(lock, { force: true });
    }
  });
}

async function make(folder: string): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const dataDir = `${folder}.new`;
  {
    await using server = await startRealServer({ dataDir });
    const source = join(REPOSITORY, "examples", "hello-http");
    await server.homerun("deploy", "warm", "--source", source, "--entry-point", "hello");
    await server.homerun("delete", "warm");
    await useDocker(server);
  }
  // The next server chooses a subnet of its own: several of them run at once.
  await rm(join(dataDir, "network.json"), { force: true });
  await rename(dataDir, folder);
}

/** Composes the image of docker steps. */
async function useDocker(server: RealServer): Promise<void> {
  const steps = [{ name: "gcr.io/cloud-builders/docker", args: ["version"] }];
  const builds = "/cloudbuild/v1/projects/homerun-local/builds";
  const { body } = await server.json("POST", builds, { steps, options: { logging: "NONE" } });
  const { build } = body["metadata"] as { build: { id: string } };
  const finished = await until(async () => {
    const { status } = (await server.json("GET", `${builds}/${build.id}`)).body;
    return status !== "QUEUED" && status !== "WORKING" && status;
  });
  if (finished !== "SUCCESS") throw new Error(`the docker step ended with ${String(finished)}: ${await server.log()}`);
}

function versionOf(patterns: readonly string[]): string {
  const hash = createHash("sha256");
  const files = globSync(patterns, { cwd: REPOSITORY }).filter((name) => !name.endsWith(".test.ts"));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(REPOSITORY, name)));
  return hash.digest("hex").slice(0, 16);
}
