import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../../src/oci/find-program.ts";

const run = promisify(execFile);

/** Git's own smart HTTP server (`git http-backend`) on the loopback interface, with one repository. */
export interface GitServer extends AsyncDisposable {
  /** "http://127.0.0.1:PORT/acme/hello.git" */
  readonly url: string;
  /** Runs git in a working copy; resolves with what it prints, without the line's end. */
  git(...args: string[]): Promise<string>;
  /** Writes files (null deletes), commits and pushes them; resolves with the commit. */
  commit(message: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Requests so far, "GET /acme/hello.git/info/refs". */
  readonly requests: readonly string[];
}

/** Whether git is on the PATH. */
export function gitIsHere(): boolean {
  return findProgram("git") !== undefined;
}

/** Starts the server; with `credentials` ("user:token") it lets nobody else in. */
export async function startGitServer(credentials?: string): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-git-"));
  const work = join(folder, "work");
  const git = async (...args: string[]) =>
    (await run("git", args, { cwd: work, env: environment(folder) })).stdout.trim();
  await mkdir(work);
  await run("git", ["init", "-q", "--bare", join(folder, "acme", "hello.git")]);
  await git("init", "-q", "-b", "main");
  await git("remote", "add", "origin", join(folder, "acme", "hello.git"));
  await git("-C", join(folder, "acme", "hello.git"), "symbolic-ref", "HEAD", "refs/heads/main");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    const allowed = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    if (allowed && request.headers.authorization !== allowed) response.writeHead(401).end();
    else serve(folder, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/hello.git`,
    git,
    requests,
    async commit(message, files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(work, name)), { recursive: true });
        await writeFile(join(work, name), content);
      }
      await git("add", "-A");
      await git("commit", "-q", "-m", message);
      await git("push", "-q", "origin", "HEAD");
      return git("rev-parse", "HEAD");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function environment(folder: string): NodeJS.ProcessEnv {
  const who = { NAME: "Ann", EMAIL: "ann@example.com" };
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: who.NAME,
    GIT_AUTHOR_EMAIL: who.EMAIL,
    GIT_COMMITTER_NAME: who.NAME,
    GIT_COMMITTER_EMAIL: who.EMAIL,
  };
}

/** One request through CGI (git-scm.com/docs/git-http-backend). */
function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const backend = spawn("git", ["http-backend"], {
    env: {
      ...environment(folder),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_USER: "",
    },
  });
  request.pipe(backend.stdin);
  const parts: Buffer[] = [];
  backend.stdout.on("data", (part: Buffer) => parts.push(part));
  backend.on("close", () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf("\r\n\r\n");
    const headers = output.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
    const status = headers
      .find((line) => line.startsWith("Status:"))
      ?.slice(7)
      .trim();
    for (const line of headers) {
      const [name = "", ...value] = line.split(":");
      if (name !== "" && name !== "Status") response.setHeader(name, value.join(":").trim());
    }
    response.writeHead(status ? Number.parseInt(status, 10) : 200).end(output.subarray(end + 4));
  });
}
