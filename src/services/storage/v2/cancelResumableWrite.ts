import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { uploadNotFound } from "../errors.ts";
import type { StorageModel } from "../model.ts";
import { uploadIdOf } from "./names.ts";

/** Google: storage.proto, CancelResumableWrite. */
export const cancelResumableWrite = ({ uploads }: StorageModel) =>
  rpc(
    Storage.method.cancelResumableWrite,
    { permission: "storage.objects.create", audit: "DATA_WRITE" },
    async ({ uploadId }) => {
      if (!(await uploads.cancel(uploadIdOf(uploadId)))) throw uploadNotFound();
      return {};
    },
  );
