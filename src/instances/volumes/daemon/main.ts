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
interface OpenedVolume {
  readonly fileSystem: FileSystem;
  readonly source: string;
  readonly subtype: string;
  readonly readOnly: boolean;
  readonly flags: readonly string[];
}

// The volumes of one instance are served by a process of its own: whatever happens to it hits no other instance, and the
// server never waits for the kernel. It ends with the server, however that ends.
const server = connectToServer();
const mounted = new Map<
  number,
  { readonly fuse: FuseServer; readonly mountPoint: string; readonly files: FileSystem }
>();

server.onOrder((order) => {
  const { id } = order;
  if (order.type === "unmount") return void end(id).finally(() => server.tell({ type: "unmounted", id }));
  mount(order).then(
    () => server.tell({ type: "mounted", id }),
    (error: unknown) => server.tell({ type: "failed", id, message: messageOf(error) }),
  );
});
server.onLost(() => {
  // At once: an orderly exit waits for the threads that wait for the kernel, and so for the last user of a mount.
  const exit = () => process.kill(process.pid, "SIGKILL");
  systemClock.after(LAST_GRACE_MS, exit);
  void Promise.allSettled([...mounted.keys()].map(end)).then(exit);
});

async function mount(order: MountOrder): Promise<void> {
  const { id, mountPoint } = order;
  const volume = await open(order);
  const { fileSystem: files } = volume;
  const fd = await mountFuse({ ...volume, mountPoint });
  const fuse = serveFuse(fd, files, (error) => server.tell({ type: "problem", id, message: messageOf(error) }));
  mounted.set(id, { fuse, mountPoint, files });
  await fuse.ready;
}

function open(order: MountOrder): Promise<OpenedVolume> | OpenedVolume {
  const { id, volume } = order;
  if (volume.kind === "secret") return openSecret(id, volume);
  return openBucket({ ...order, volume, clock: systemClock, token: () => server.token(id) });
}

function openSecret(id: number, volume: SecretVolume): OpenedVolume {
  const items = volume.items.length > 0 ? volume.items : [{ path: volume.secret, version: "latest" }];
  const files = items.map(({ path, version, mode }: SecretVolume["items"][number]) => {
    return { path, version, mode: secretFileMode(mode, volume.defaultMode) };
  });
  const fileSystem = secretFileSystem({ files, fetch: (version) => server.secret(id, version), clock: systemClock });
  return { fileSystem, source: volume.secret, subtype: "secret", readOnly: true, flags: ["noexec"] };
}

/** Unmounts a volume and finishes what it was asked. */
async function end(id: number): Promise<void> {
  const volume = mounted.get(id);
  mounted.delete(id);
  if (volume === undefined) return;
  // It may be unmounted already, by the next server after this one's was killed.
  await unmount(volume.mountPoint).catch(() => {});
  await volume.fuse.idle();
  await volume.files.close?.();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
