import type { Clock } from "../../../platform/clock.ts";
import type { BucketVolume } from "../../workload.ts";
import { type FileSystem, FsError } from "../fuse/file-system.ts";
import { bucketChanges } from "./changes.ts";
import { unstage, upload } from "./content.ts";
import { attributesOf, type BucketContext, symlinkTarget } from "./context.ts";
import { bucketDirectories } from "./directories.ts";
import { bucketFiles } from "./files.ts";
import { refresh, resolve } from "./lookup.ts";
import { parseMountOptions } from "./mount-options.ts";
import { Nodes } from "./nodes.ts";
import { bucketObjects } from "./objects.ts";
import { statCache } from "./stat-cache.ts";
import { storageHttp, type StorageHttpOptions } from "./storage-client.ts";

export interface OpenBucketOptions {
  readonly volume: BucketVolume;
  /** Base URL of the Cloud Storage API. */
  readonly storageUrl: string;
  readonly token: StorageHttpOptions["token"];
  readonly clock: Clock;
  /** Where files that are being changed lie. */
  readonly stagingFolder: string;
}

/**
 * A bucket as a file system with the semantics of Cloud Storage FUSE (docs/semantics.md of GoogleCloudPlatform/gcsfuse).
 * Rejects with what Cloud Storage says when the bucket is not there or may not be listed.
 */
export async function openBucket({ volume, storageUrl, token, clock, stagingFolder }: OpenBucketOptions) {
  const options = parseMountOptions(volume.mountOptions);
  const http = storageHttp({ url: storageUrl, token, clock });
  const objects = bucketObjects(http, volume.bucket);
  await objects.list({ prefix: options.prefix, maxResults: 1 }).catch((cause: unknown) => {
    throw new Error(`Mounting the bucket ${volume.bucket} failed: ${(cause as Error).message}`, { cause });
  });
  const context: BucketContext = {
    objects,
    options,
    nodes: new Nodes(options.prefix),
    cache: statCache(clock, options),
    clock,
    stagingFolder,
    startedAtMs: clock.nowMs(),
  };
  return {
    fileSystem: bucketFileSystem(context, () => http.close()),
    source: volume.bucket,
    subtype: "gcsfuse",
    readOnly: volume.readOnly || options.readOnly,
    flags: options.flags,
  };
}

function bucketFileSystem(context: BucketContext, closeConnections: () => void): FileSystem {
  const { nodes, options } = context;
  const files = bucketFiles(context);
  return {
    ...files,
    ...bucketChanges(context, files),
    ...bucketDirectories(context),
    async lookup(parent, name) {
      const node = await resolve(context, nodes.get(parent), name);
      node.lookups++;
      return attributesOf(context, node);
    },
    async getAttributes(id) {
      const node = nodes.get(id);
      const local = node.staged !== undefined || node.kind === "directory" || node.unlinked;
      if (!local) await refresh(context, node, options.metadataTtlMs);
      return attributesOf(context, node);
    },
    readLink(id) {
      const { object } = nodes.get(id);
      if (object === undefined) throw new FsError("EINVAL");
      return symlinkTarget(object);
    },
    forget(id, lookups) {
      const node = nodes.find(id);
      if (node === undefined) return;
      node.lookups -= lookups;
      nodes.release(node);
    },
    async close() {
      for (const node of nodes.all()) {
        await upload(context, node).catch(() => {});
        unstage(node);
      }
      closeConnections();
    },
  };
}
