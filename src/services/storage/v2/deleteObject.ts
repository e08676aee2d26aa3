import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf, generationOf } from "./names.ts";

/** Google: storage.proto, DeleteObject. */
export const deleteObject = ({ changer }: StorageModel) =>
  rpc(Storage.method.deleteObject, { permission: "storage.objects.delete", audit: "DATA_WRITE" }, async (request) => {
    const { bucket, object, generation } = request;
    const place = { bucket: bucketIdOf(bucket, "bucket"), object, generation: generationOf(generation) };
    await changer.delete(place, request);
    return {};
  });
