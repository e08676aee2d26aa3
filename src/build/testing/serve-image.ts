import type { SandboxMount, Sandboxes } from "../../instances/sandbox.ts";
import { randomIds } from "../../platform/ids.ts";
import type { BenchNetworks } from "./bench-networks.ts";
import type { BuilderImages } from "./bench-parts.ts";

/** How an image is started for a program that calls it. */
export interface ImageService {
  /** Variables of the container besides the image's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: readonly SandboxMount[];
}

/** The default process of an image, listening on port 8080 in a network namespace of its own until it is disposed. */
export interface ServedImage extends AsyncDisposable {
  /** File of the network namespace, in which the image is "localhost". */
  readonly namespacePath: string;
  /** What the process has written so far. */
  output(): string;
}

/** Starts an image; resolves before it listens. */
export async function serveImage(
  sandboxes: Pick<Sandboxes, "start">,
  { images, mounts, below }: BuilderImages,
  { networks }: BenchNetworks,
  reference: string,
  service: ImageService = {},
): Promise<ServedImage> {
  const image = await images.ensure(reference);
  await using stack = new AsyncDisposableStack();
  const { namespacePath } = stack.use(await networks.acquire());
  const output: Buffer[] = [];
  const [uid, gid] = image.config.user.split(":").map(Number);
  stack.use(
    await sandboxes.start({
      id: `serve-${randomIds.uuid()}`,
      layers: [...below, ...image.layers],
      args: image.config.entrypoint,
      env: { ...image.config.env, ...service.env, PORT: "8080" },
      cwd: image.config.workingDir,
      user: { uid: uid!, gid: gid ?? uid! },
      hostname: "localhost",
      mounts: [...mounts, ...(service.mounts ?? [])],
      limits: { memoryBytes: 512 * 1024 ** 2, cpus: 2, pids: 100 },
      network: { namespacePath },
      writableRoot: "memory",
      onOutput: (_, chunk) => void output.push(chunk),
    }),
  );
  const owned = stack.move();
  return {
    namespacePath,
    output: () => Buffer.concat(output).toString(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
