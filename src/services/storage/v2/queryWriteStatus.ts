import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import type { UploadStatus } from "../uploads/uploads.ts";
import { uploadIdOf } from "./names.ts";

/** Google: storage.proto, QueryWriteStatus. */
export const queryWriteStatus = ({ uploads }: StorageModel) =>
  rpc(
    Storage.method.queryWriteStatus,
    { permission: "storage.objects.create", audit: "DATA_WRITE" },
    async ({ uploadId }) => ({ writeStatus: writeStatusOf(await uploads.status(uploadIdOf(uploadId))) }),
  );

/** The write_status of an upload. */
export function writeStatusOf(status: UploadStatus) {
  return "object" in status
    ? ({ case: "resource", value: status.object } as const)
    : ({ case: "persistedSize", value: BigInt(status.persistedSize) } as const);
}
