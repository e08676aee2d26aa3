import { ObjectSchema, Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf, generationOf } from "./names.ts";
import { refuseEncryption, refuseFields } from "./refuse.ts";

/** Google: storage.proto, UpdateObject. */
export const updateObject = ({ changer }: StorageModel) =>
  rpc(Storage.method.updateObject, { permission: "storage.objects.update", audit: "DATA_WRITE" }, async (request) => {
    refuseFields(request, ["predefinedAcl", "overrideUnlockedRetention"]);
    refuseEncryption(request.commonObjectRequestParams);
    const { object, updateMask } = request;
    const place = {
      bucket: bucketIdOf(object!.bucket, "object.bucket"),
      object: object!.name,
      generation: generationOf(object!.generation),
    };
    return changer.update(place, request, (current) => applyFieldMask(ObjectSchema, current, object!, updateMask!));
  });
