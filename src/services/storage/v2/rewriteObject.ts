import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf, generationOf } from "./names.ts";
import { refuseEncryption, refuseFields } from "./refuse.ts";

const UNSUPPORTED = [
  "destinationKmsKey",
  "destinationPredefinedAcl",
  "copySourceEncryptionAlgorithm",
  "copySourceEncryptionKeyBytes",
  "objectChecksums",
];

/** Google: storage.proto, RewriteObject; one call always suffices, since the bytes are shared. */
export const rewriteObject = ({ copier }: StorageModel) =>
  rpc(Storage.method.rewriteObject, { permission: "storage.objects.create", audit: "DATA_WRITE" }, async (request) => {
    refuseFields(request, UNSUPPORTED);
    refuseEncryption(request.commonObjectRequestParams);
    const resource = await copier.copy({
      source: {
        bucket: bucketIdOf(request.sourceBucket, "source_bucket"),
        object: request.sourceObject,
        generation: generationOf(request.sourceGeneration),
      },
      sourceConditions: {
        ifGenerationMatch: request.ifSourceGenerationMatch,
        ifGenerationNotMatch: request.ifSourceGenerationNotMatch,
        ifMetagenerationMatch: request.ifSourceMetagenerationMatch,
        ifMetagenerationNotMatch: request.ifSourceMetagenerationNotMatch,
      },
      bucket: bucketIdOf(request.destinationBucket, "destination_bucket"),
      object: request.destinationName,
      resource: request.destination,
      storageClass: request.destination?.storageClass ?? "",
      conditions: request,
    });
    return { totalBytesRewritten: resource.size, objectSize: resource.size, done: true, resource };
  });
