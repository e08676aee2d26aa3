import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { etagOf } from "../../../wire/etag.ts";
import type { RevisionRecord, ServiceRecord } from "../store.ts";

/** A service as v2 answers it; what it holds is the record's own, and not to be changed. */
export function serviceView({ service, version }: ServiceRecord): Service {
  return { ...service, etag: etagOf(service.uid, version) };
}

/** A revision as v2 answers it; what it holds is the record's own, and not to be changed. */
export function revisionView({ revision, version }: RevisionRecord): Revision {
  return { ...revision, etag: etagOf(revision.uid, version) };
}
