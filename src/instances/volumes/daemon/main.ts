import { systemClock } from "../../../platform/clock.ts";
import { openBucket } from "../bucket/open-bucket.ts";
import type { FileSystem } from "../fuse/file-system.ts";
import { mountFuse, unmount } from "../fuse/mount-fuse.ts";
import { type FuseServer, serveFuse } from "../fuse/serve-fuse.ts";
import { secretFileMode, secretFileSystem } from "../secrets/secret-file-system.ts";
import type { SecretVolume } from "../../workload.ts";
import { connectToServer } from "./ask-server.ts";
import type { MountOrder } from "./messages.ts";

/** How long a daemon without a server finishes what is under way; the server that could take it is gone. */
const LAST_GRACE_MS = 1000;

/** A file system together with how it is mounted. */
export interface OpenedVolume {
  readonly fileSystem: FileSystem;
  readonly source: string;
  readonly subtype: string;
  readonly readOnly: boolean;
  readonly flags: readonly string[];
}

// One volume of one instance is served by a process of its own: whatever happens to it hits nobody else, and the server
// never waits for the kernel. It ends with the server, however that ends.
const server = connectToServer();
let mounted: { readonly fuse: FuseServer; readonly order: MountOrder; readonly volume: OpenedVolume } | undefined;

server.onMessage((message) => {
  if (message.type === "mount") mount(message).catch((error: unknown) => fail(error));
  else void stop();
});
server.onLost(() => {
  systemClock.after(LAST_GRACE_MS, end);
  void stop();
});

async function mount(order: MountOrder): Promise<void> {
  const volume = await open(order);
  const fd = await mountFuse({ ...volume, mountPoint: order.mountPoint });
  const fuse = serveFuse(fd, volume.fileSystem, (error) => server.tell({ type: "problem", message: messageOf(error) }));
  mounted = { fuse, order, volume };
  await fuse.ready;
  server.tell({ type: "mounted" });
  await fuse.ended;
  await stop();
}

function open(order: MountOrder): Promise<OpenedVolume> | OpenedVolume {
  const { volume } = order;
  if (volume.kind === "secret") return openSecret(volume);
  return openBucket({ ...order, volume, clock: systemClock, token: () => server.ask("token") });
}

function openSecret(volume: SecretVolume): OpenedVolume {
  const items = volume.items.length > 0 ? volume.items : [{ path: volume.secret, version: "latest" }];
  const files = items.map(({ path, version, mode }: SecretVolume["items"][number]) => {
    return { path, version, mode: secretFileMode(mode, volume.defaultMode) };
  });
  const fetch = (version: string) => server.ask("secret", { version });
  const fileSystem = secretFileSystem({ files, fetch, clock: systemClock });
  return { fileSystem, source: volume.secret, subtype: "secret", readOnly: true, flags: ["noexec"] };
}

/** Ends the process; what the kernel still asks of the file system after that fails with ENOTCONN. */
async function stop(): Promise<void> {
  if (mounted === undefined) return server.tell({ type: "finished" }, end);
  const { fuse, order, volume } = mounted;
  // It may be unmounted already, by the next server after this one's was killed.
  await unmount(order.mountPoint).catch(() => {});
  await fuse.idle();
  await volume.fileSystem.close?.();
  server.tell({ type: "finished" }, end);
}

/** Ends at once: an orderly exit waits for the threads that wait for the kernel, and so for the last user of the mount. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

function fail(error: unknown): void {
  server.tell({ type: "failed", message: messageOf(error) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
