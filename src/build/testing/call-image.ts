import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Sandboxes } from "../../instances/sandbox.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { hostNetwork } from "./bench-networks.ts";
import type { BuilderImages } from "./bench-parts.ts";

/** A request to a started image. */
export interface ImageCall extends RequestInit {
  /** Variables of the container besides the image's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the default process of an image and resolves with the text of its answer; rejects with its output if it ends. */
export async function callImage(
  sandboxes: Pick<Sandboxes, "start">,
  { images, mounts, below }: BuilderImages,
  reference: string,
  { env = {}, ...init }: ImageCall = {},
): Promise<string> {
  const image = await images.ensure(reference);
  const port = await freePort();
  const output: Buffer[] = [];
  const [uid, gid] = image.config.user.split(":").map(Number);
  await using sandbox = await sandboxes.start({
    id: `call-${randomIds.uuid()}`,
    layers: [...below, ...image.layers],
    args: image.config.entrypoint,
    env: { ...image.config.env, ...env, PORT: String(port) },
    cwd: image.config.workingDir,
    user: { uid: uid!, gid: gid ?? uid! },
    hostname: "localhost",
    mounts,
    limits: { memoryBytes: 512 * 1024 ** 2, cpus: 2, pids: 100 },
    network: { namespacePath: hostNetwork().namespacePath },
    writableRoot: "memory",
    onOutput: (_, chunk) => void output.push(chunk),
  });
  const end = new AbortController();
  void sandbox.exited.then(({ exitCode }) =>
    end.abort(new Error(`the process ended with ${exitCode}: ${Buffer.concat(output).toString()}`)),
  );
  return await answerOf(`http://127.0.0.1:${port}/`, init, end.signal);
}

/** The text of an answer, asking until somebody listens. */
async function answerOf(url: string, init: RequestInit, signal: AbortSignal): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url, { ...init, signal })).text();
    } catch {
      await systemClock.sleep(20, signal);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
