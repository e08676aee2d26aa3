import { Code } from "../../src/gen/google/rpc/code_pb.js";
import { Storage } from "../../src/gen/google/storage/v2/storage_pb.js";
import { ApiError } from "../../src/wire/errors.ts";
import { rpc } from "../../src/wire/rpc.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";

/** Stands where Cloud Storage does, for tests of what writes objects that must not be there yet. */
export interface MemoryBuckets {
  readonly module: ServiceModule;
  /** Contents by names. */
  readonly objects: Readonly<Record<string, string>>;
  /** E-mail address of who wrote last. */
  readonly writer: string;
}

/** One bucket; there is no other. */
export function memoryBuckets(bucket: string): MemoryBuckets {
  const objects: Record<string, string> = {};
  let writer = "";
  const write = rpc(
    Storage.method.writeObject,
    { permission: "none", audit: "none" },
    async (requests, { principal }) => {
      let name = "";
      let content = "";
      for await (const { firstMessage, data } of requests) {
        if (firstMessage.case === "writeObjectSpec") {
          const { resource } = firstMessage.value;
          if (resource?.bucket !== `projects/_/buckets/${bucket}`) throw new ApiError(Code.NOT_FOUND, "no such bucket");
          ({ name } = resource);
        }
        if (data.case === "checksummedData") content += Buffer.from(data.value.content).toString();
      }
      if (name in objects) throw new ApiError(Code.FAILED_PRECONDITION, "the object is there");
      objects[name] = content;
      writer = "email" in principal ? principal.email : "";
      return {};
    },
  );
  return {
    module: { name: "storage", services: [Storage], rpcs: [write] },
    objects,
    get writer() {
      return writer;
    },
  };
}
