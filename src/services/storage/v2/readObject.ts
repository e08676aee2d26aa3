import { type Object$, type ReadObjectRequest, Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { crc32c } from "../../../platform/crc32c.ts";
import { invalidValue, rangeNotSatisfiable } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { StorageModel } from "../model.ts";
import { sizeOf } from "../objects/read.ts";
import { bucketIdOf, generationOf } from "./names.ts";
import { refuseEncryption, refuseFields } from "./refuse.ts";

/** Google: storage.proto, ReadObject: metadata with the first message, chunks of at most 2 MiB with their checksums. */
export const readObject = (model: StorageModel) =>
  rpc(Storage.method.readObject, { permission: "storage.objects.get", audit: "DATA_READ" }, (request) =>
    read(model, request),
  );

async function* read({ reader }: StorageModel, request: ReadObjectRequest) {
  refuseFields(request, ["restoreToken"]);
  refuseEncryption(request.commonObjectRequestParams);
  const { bucket, object: name, generation } = request;
  const stored = await reader.get(bucketIdOf(bucket, "bucket"), name, generationOf(generation), request);
  const { object } = stored;
  const { start, end } = rangeOf(request, object);
  const completeLength = object.size;
  const first = {
    metadata: object,
    ...(object.checksums && { objectChecksums: object.checksums }),
    contentRange: { start: BigInt(start), end: BigInt(end), completeLength },
  };
  if (start === end) {
    yield first;
    return;
  }
  let about: Partial<typeof first> = first;
  for await (const content of pieces(await reader.open(stored, { start, end: end - 1 }))) {
    yield { ...about, checksummedData: { content, crc32c: crc32c(content) } };
    about = {};
  }
}

/** First byte and the byte behind the last one. Google: storage.proto, ReadObjectRequest.read_offset and read_limit. */
function rangeOf({ readOffset, readLimit }: ReadObjectRequest, object: Object$): { start: number; end: number } {
  const size = sizeOf(object);
  if (readLimit < 0n) throw invalidValue("ReadObject read_limit must not be negative.", "read_limit");
  if (readOffset > size) throw rangeNotSatisfiable();
  const start = readOffset < 0n ? Math.max(0, size + Number(readOffset)) : Number(readOffset);
  const end = readLimit === 0n ? size : Math.min(size, start + Number(readLimit));
  return { start, end };
}

async function* pieces(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; at += LIMITS.readChunkBytes) {
      yield chunk.subarray(at, at + LIMITS.readChunkBytes);
    }
  }
}
