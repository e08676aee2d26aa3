import { clone } from "@bufbuild/protobuf";
import { type Revision, RevisionSchema } from "../../gen/google/cloud/run/v2/revision_pb.js";
import { type Service, ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import { etagOf } from "../../wire/etag.ts";
import type { RevisionRecord, ServiceRecord } from "./store.ts";

/** A service as v2 answers it. */
export function serviceView({ service, version }: ServiceRecord): Service {
  const view = clone(ServiceSchema, service);
  view.etag = etagOf(service.uid, version);
  return view;
}

/** A revision as v2 answers it. */
export function revisionView({ revision, version }: RevisionRecord): Revision {
  const view = clone(RevisionSchema, revision);
  view.etag = etagOf(revision.uid, version);
  return view;
}
