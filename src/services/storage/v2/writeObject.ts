import { type ObjectChecksums, Storage, type WriteObjectRequest } from "../../../gen/google/storage/v2/storage_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { crc32c } from "../../../platform/crc32c.ts";
import { checksumMismatch, invalidValue } from "../errors.ts";
import { crc32cToBase64, putHashed } from "../content/content-hash.ts";
import type { StorageModel } from "../model.ts";
import { uploadIdOf } from "./names.ts";
import { writeStatusOf } from "./queryWriteStatus.ts";
import { refuseEncryption } from "./refuse.ts";
import { checksumsOf, uploadSpecOf } from "./write-spec.ts";

/** Google: storage.proto, WriteObject: a whole object in one stream, or a part of a resumable write. */
export const writeObject = (model: StorageModel) =>
  rpc(Storage.method.writeObject, { permission: "storage.objects.create", audit: "DATA_WRITE" }, async (requests) => {
    await using stream = await openWriteStream(requests);
    const { first } = stream;
    refuseEncryption(first.commonObjectRequestParams);
    // Awaited here: the stream is closed when this function is left.
    if (first.firstMessage.case === "uploadId") return await resume(model, stream, first.firstMessage.value);
    if (first.firstMessage.case !== "writeObjectSpec") throw firstMessageMissing();
    const spec = uploadSpecOf(first.firstMessage.value, first.objectChecksums);
    await model.writer.check(spec);
    const content = await putHashed(model.contentStore, stream.content());
    if (!stream.finished) throw invalidValue("The stream ended without finish_write.", "finish_write");
    const checksums = { ...spec.checksums, ...checksumsOf(stream.lastChecksums) };
    const object = await model.writer.commit({ ...spec, checksums }, content);
    return { writeStatus: { case: "resource", value: object } };
  });

async function resume({ uploads }: StorageModel, stream: WriteStream, uploadName: string) {
  const id = uploadIdOf(uploadName);
  const offset = Number(stream.first.writeOffset);
  const status = await uploads.append(id, { offset, content: stream.content() });
  if (!stream.finished || "object" in status) return { writeStatus: writeStatusOf(status) };
  const finish = {
    offset: status.persistedSize,
    content: nothing(),
    last: true,
    checksums: checksumsOf(stream.lastChecksums),
  };
  return { writeStatus: writeStatusOf(await uploads.append(id, finish)) };
}

// oxlint-disable-next-line require-yield
async function* nothing(): AsyncIterable<Uint8Array> {}

interface WriteStream extends AsyncDisposable {
  readonly first: WriteObjectRequest;
  /** The bytes of all messages, each checked against its own checksum and place; to be read once. */
  content(): AsyncIterable<Uint8Array>;
  /** What the messages said once the content was read. */
  readonly finished: boolean;
  readonly lastChecksums: ObjectChecksums | undefined;
}

async function openWriteStream(requests: AsyncIterable<WriteObjectRequest>): Promise<WriteStream> {
  const messages = requests[Symbol.asyncIterator]();
  const { value: first, done } = await messages.next();
  if (done || !first) throw firstMessageMissing();
  const said = { finished: false, lastChecksums: first.objectChecksums };
  async function* content(): AsyncIterable<Uint8Array> {
    let offset = first!.writeOffset;
    for (let next: IteratorResult<WriteObjectRequest> = { value: first!, done: false }; !next.done;) {
      const message: WriteObjectRequest = next.value;
      if (message.writeOffset !== offset) throw wrongOffset(message.writeOffset, offset);
      const bytes = checkedBytes(message);
      offset += BigInt(bytes.length);
      if (bytes.length) yield bytes;
      said.lastChecksums = message.objectChecksums ?? said.lastChecksums;
      said.finished = message.finishWrite;
      if (message.finishWrite) return;
      next = await messages.next();
    }
  }
  return {
    first,
    content,
    get finished() {
      return said.finished;
    },
    get lastChecksums() {
      return said.lastChecksums;
    },
    async [Symbol.asyncDispose]() {
      await messages.return?.();
    },
  };
}

function checkedBytes({ data }: WriteObjectRequest): Uint8Array {
  if (data.case !== "checksummedData") return new Uint8Array();
  const { content, crc32c: given } = data.value;
  const computed = crc32c(content);
  if (given !== undefined && given !== computed) {
    throw checksumMismatch("CRC32C", crc32cToBase64(given), crc32cToBase64(computed));
  }
  return content;
}

function firstMessageMissing() {
  const description = "The first message must have an upload_id or a write_object_spec.";
  return invalidArgument(description, [{ field: "first_message", description }]);
}

function wrongOffset(given: bigint, expected: bigint) {
  return invalidValue(`write_offset is ${given}, but ${expected} bytes were written before.`, "write_offset");
}
