import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A PostgreSQL server of one's own, in a temporary folder, reached by a socket in it; gone when disposed. */
export interface PostgresServer extends AsyncDisposable {
  /** postgres:// URL of a database. */
  url(database: string): string;
}

// PostgreSQL refuses to run as root.
const NOBODY = 65_534;
const USER = "homerun";

/** Starts a server with the newest PostgreSQL of this machine; undefined when none is installed. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const binaries = findBinaries();
  if (!binaries) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "homerun-pg-"));
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (identity.uid) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, "data");
  const options = { ...identity, cwd: folder, env: { PATH: process.env["PATH"], LC_ALL: "C" } };
  // Not the C locale, so that the order of text shows whether the columns' own collation is in force.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en"];
  const made = spawnSync(join(binaries, "initdb"), ["-D", data, "-U", USER, "-A", "trust", "-N", ...locale], options);
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr.toString()}`);
  const server = spawn(
    join(binaries, "postgres"),
    ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50"],
    { ...options, stdio: ["ignore", "ignore", "pipe"] },
  );
  for await (const line of createInterface(server.stderr)) if (line.includes("ready to accept connections")) break;
  server.stderr.resume();
  return {
    url: (database) => `postgres:///${database}?host=${encodeURIComponent(folder)}&user=${USER}`,
    async [Symbol.asyncDispose]() {
      // SIGQUIT: at once, without tidying up what is thrown away anyway.
      if (server.kill("SIGQUIT")) await once(server, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

function findBinaries(): string | undefined {
  const version = (path: string) => Number(/\d+/.exec(path)?.[0]);
  const found = globSync("/usr/lib/postgresql/*/bin").filter((path) => existsSync(join(path, "initdb")));
  return found.toSorted((one, other) => version(other) - version(one))[0];
}
