import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { uploadName } from "./names.ts";
import { refuseEncryption } from "./refuse.ts";
import { uploadSpecOf } from "./write-spec.ts";

/** Google: storage.proto, StartResumableWrite. */
export const startResumableWrite = ({ uploads }: StorageModel) =>
  rpc(
    Storage.method.startResumableWrite,
    { permission: "storage.objects.create", audit: "DATA_WRITE" },
    async (request) => {
      refuseEncryption(request.commonObjectRequestParams);
      const spec = uploadSpecOf(request.writeObjectSpec, request.objectChecksums);
      return { uploadId: uploadName(spec.bucket, await uploads.start(spec)) };
    },
  );
