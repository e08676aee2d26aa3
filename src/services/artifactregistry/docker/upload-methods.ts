import { verifyDigest } from "../../../oci/digest.ts";
import type { RegistryStorage } from "../../../oci/distribution/storage.ts";
import { LIMITS } from "../limits.ts";
import { type RegistryModel, WAKEUPS } from "../model.ts";
import type { UploadRow } from "../uploads/store.ts";
import { unlessMismatch } from "./blob-methods.ts";
import { holdContent } from "./hold-blob.ts";
import type { PlaceOf } from "./registry-storage.ts";

type UploadMethods = Pick<
  RegistryStorage,
  "createUpload" | "uploadSize" | "appendUpload" | "commitUpload" | "deleteUpload"
>;

/** The part of the registry's storage that concerns uploads. */
export function uploadMethods(model: RegistryModel, placeOf: PlaceOf): UploadMethods {
  const { store, uploadStore, contentStore, uploadLock } = model;
  const find = async (name: string, id: string) => uploadStore.get(id, await placeOf(name));
  const remove = (upload: UploadRow) =>
    store.transact(async (transaction) => {
      await contentStore.release(transaction, upload.content);
      return uploadStore.delete(transaction, upload.id);
    });
  return {
    createUpload: async (name, id) => createUpload(model, await placeOf(name), id),
    async uploadSize(name, id) {
      const upload = await find(name, id);
      return upload && contentStore.sizeOf(upload.content);
    },
    appendUpload: (name, id, offset, content) =>
      uploadLock(id, async () => contentStore.append((await existing(find, name, id)).content, offset, content)),
    commitUpload: (name, id, digest) =>
      uploadLock(id, async () => {
        const place = await placeOf(name);
        const upload = await existing(find, name, id);
        const sizeBytes = await unlessMismatch(() => verified(model, upload, digest));
        if (sizeBytes === undefined) {
          await remove(upload);
          return false;
        }
        const stored = { digest, content: upload.content, sizeBytes };
        await store.transact(async (transaction) => {
          await holdContent(model, transaction, place, stored);
          await uploadStore.delete(transaction, id);
        });
        return true;
      }),
    deleteUpload: (name, id) =>
      uploadLock(id, async () => {
        const upload = await find(name, id);
        return upload !== undefined && remove(upload);
      }),
  };
}

async function createUpload(
  { store, uploadStore, wakeups, ids, clock }: RegistryModel,
  place: Parameters<RegistryModel["uploadStore"]["insert"]>[1],
  id: string,
): Promise<void> {
  const createTimeMs = clock.nowMs();
  await store.transact(async (transaction) => {
    await uploadStore.insert(transaction, place, { id, content: ids.uuid(), createTimeMs });
    await wakeups.wake(transaction, WAKEUPS.upload, id, createTimeMs + LIMITS.uploadMs);
  });
}

async function existing(
  find: (name: string, id: string) => Promise<UploadRow | undefined>,
  name: string,
  id: string,
): Promise<UploadRow> {
  const upload = await find(name, id);
  if (!upload) throw new Error(`the upload ${id} was ended meanwhile`);
  return upload;
}

/** Size of an upload whose content has the digest; rejects with DigestMismatchError otherwise. */
async function verified({ contentStore }: RegistryModel, { content }: UploadRow, digest: string): Promise<number> {
  let size = 0;
  // An upload that received nothing has no content yet.
  if ((await contentStore.sizeOf(content)) === 0) await contentStore.append(content, 0, none());
  for await (const chunk of verifyDigest(await contentStore.open(content), digest)) size += chunk.length;
  return size;
}

// oxlint-disable-next-line require-yield
async function* none(): AsyncIterable<Uint8Array> {}
