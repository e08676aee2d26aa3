import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf, generationOf } from "./names.ts";
import { refuseEncryption, refuseFields } from "./refuse.ts";

/** Google: storage.proto, GetObject; the whole object is answered whatever read_mask says. */
export const getObject = ({ reader }: StorageModel) =>
  rpc(Storage.method.getObject, { permission: "storage.objects.get", audit: "DATA_READ" }, async (request) => {
    refuseFields(request, ["softDeleted", "restoreToken"]);
    refuseEncryption(request.commonObjectRequestParams);
    const { bucket, object, generation } = request;
    const stored = await reader.get(bucketIdOf(bucket, "bucket"), object, generationOf(generation), request);
    return stored.object;
  });
