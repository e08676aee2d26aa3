import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Project_State } from "../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import type { KnownProject } from "../../wire/projects/projects.ts";

/** The v3 form of a project. */
export function projectMessage({ id, number, createTimeMs }: KnownProject) {
  const createTime = timestampFromMs(createTimeMs);
  return {
    name: `projects/${number}`,
    projectId: id,
    displayName: id,
    state: Project_State.ACTIVE,
    createTime,
    updateTime: createTime,
    etag: `W/"${number}"`,
  };
}

/** The v1 form of a project (REST only: cloudresourcemanager v1 discovery document, schema Project). */
export function projectV1({ id, number, createTimeMs }: KnownProject) {
  return {
    projectNumber: number,
    projectId: id,
    lifecycleState: "ACTIVE",
    name: id,
    createTime: new Date(createTimeMs).toISOString(),
  };
}
