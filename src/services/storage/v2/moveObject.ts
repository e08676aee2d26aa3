import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { conditionsOf } from "../conditions.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "./names.ts";

/** Google: storage.proto, MoveObject. */
export const moveObject = ({ copier }: StorageModel) =>
  rpc(Storage.method.moveObject, { permission: "storage.objects.move", audit: "DATA_WRITE" }, async (request) =>
    copier.move({
      bucket: bucketIdOf(request.bucket, "bucket"),
      source: request.sourceObject,
      object: request.destinationObject,
      conditions: conditionsOf(request),
      sourceConditions: {
        ifGenerationMatch: request.ifSourceGenerationMatch,
        ifGenerationNotMatch: request.ifSourceGenerationNotMatch,
        ifMetagenerationMatch: request.ifSourceMetagenerationMatch,
        ifMetagenerationNotMatch: request.ifSourceMetagenerationNotMatch,
      },
    }),
  );
