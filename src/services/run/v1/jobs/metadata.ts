import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { projectNumberOf } from "../../../../wire/projects/project-number.ts";
import { lastSegment, type LocationName } from "../../names.ts";
import type { KnativeMetadata } from "../knative.ts";
import { resourceVersionOf } from "../resource-version.ts";
import { API_VERSION } from "./knative.ts";

/** A v2 resource as far as the metadata of v1 shows it. */
export interface Described {
  readonly name: string;
  readonly uid: string;
  readonly generation: bigint;
  readonly createTime?: Timestamp | undefined;
  readonly deleteTime?: Timestamp | undefined;
}

/** The metadata that jobs, executions and tasks share; `at` is where they are. */
export function jobObjectMetadata(
  resource: Described,
  at: LocationName,
  plural: string,
  version: number | undefined,
): KnativeMetadata {
  const { name, uid, generation, createTime, deleteTime } = resource;
  const namespace = projectNumberOf(at.project);
  const id = lastSegment(name);
  return {
    name: id,
    namespace,
    selfLink: `/apis/${API_VERSION}/namespaces/${namespace}/${plural}/${id}`,
    uid,
    resourceVersion: resourceVersionOf(version),
    generation: Number(generation),
    ...(createTime && { creationTimestamp: timeText(createTime) }),
    ...(deleteTime && { deletionTimestamp: timeText(deleteTime) }),
  };
}

/** RFC 3339 as v1 writes times. */
export function timeText(time: Timestamp): string {
  return timestampDate(time).toISOString();
}
