import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf, generationOf } from "./names.ts";
import { refuseEncryption, refuseFields } from "./refuse.ts";

/** Google: storage.proto, ComposeObject. */
export const composeObject = ({ copier }: StorageModel) =>
  rpc(Storage.method.composeObject, { permission: "storage.objects.create", audit: "DATA_WRITE" }, async (request) => {
    refuseFields(request, ["destinationPredefinedAcl", "kmsKey", "deleteSourceObjects", "objectChecksums"]);
    refuseEncryption(request.commonObjectRequestParams);
    const destination = request.destination!;
    return copier.compose({
      bucket: bucketIdOf(destination.bucket, "destination.bucket"),
      resource: destination,
      conditions: request,
      sources: request.sourceObjects.map(({ name, generation, objectPreconditions }) => ({
        name,
        generation: generationOf(generation),
        conditions: objectPreconditions ?? {},
      })),
    });
  });
