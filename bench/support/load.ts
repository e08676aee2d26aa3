import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./plain-node.ts";

const run = promisify(execFile);

/** Whether a program is on the PATH or where Debian puts servers. */
export async function isInstalled(program: string): Promise<boolean> {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  const found = await Promise.all(
    folders.map((folder) =>
      run("test", ["-x", join(folder, program)]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Requests a second that wrk gets through; rejects when any was not answered with 2xx or 3xx, or cut off. */
export async function throughput(origin: string, host: string, seconds: number, connections = 64): Promise<number> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-H", `Host: ${host}`, `${origin}/`];
  const { stdout } = await run("wrk", args);
  const [, rate] = /^Requests\/sec:\s+([\d.]+)$/m.exec(stdout) ?? [];
  // A machine that does other things, too, makes some time out; that is no error of who answers.
  const errors = /Non-2xx or 3xx responses: \d+|Socket errors: (?!connect 0, read 0, write 0).*/.exec(stdout);
  if (rate === undefined || errors !== null) throw new Error(`wrk at ${origin}: ${errors?.[0] ?? stdout}`);
  return Number(rate);
}

/** nginx as a proxy to one address, with connections kept to it, a worker per core and its usual access log. */
export async function openNginx(upstream: string): Promise<{ port: number } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-bench-nginx-"));
  const port = await freePort();
  await writeFile(join(folder, "nginx.conf"), configuration(folder, port, upstream));
  const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    await delay(20);
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, upstream: string): string {
  return `daemon off; worker_processes auto; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  keepalive_requests 1000000;
  upstream container { server ${upstream}; keepalive 128; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://container;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
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
