import { clone } from "@bufbuild/protobuf";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { etagOf } from "../../../wire/etag.ts";
import type { InstanceRecord } from "./store.ts";

/** An instance as v2 answers it. */
export function instanceView({ instance, version }: Pick<InstanceRecord, "instance" | "version">): Instance {
  const view = clone(InstanceSchema, instance);
  view.etag = etagOf(instance.uid, version);
  return view;
}
