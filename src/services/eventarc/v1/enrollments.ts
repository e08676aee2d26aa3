import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";

import { type AuditKind, type Rpc, rpc, type RpcPolicy } from "../../../wire/rpc.ts";
import { enrollmentKind } from "../advanced/kinds.ts";
import { createResource, deleteResource, listResources, readResource, updateResource } from "../advanced/methods.ts";
import { messageOf } from "../advanced/stored-resource.ts";
import type { Deps } from "../deps.ts";

const { method } = Eventarc;

/** Eventarc.{Create,Get,List,Update,Delete}Enrollment. */
export function enrollmentRpcs(deps: Deps): Rpc[] {
  return [
    rpc(
      method.createEnrollment,
      policy("create", "ADMIN_WRITE"),
      ({ parent, enrollment, enrollmentId, validateOnly }) =>
        createResource(deps, enrollmentKind, `${parent}/enrollments/${enrollmentId}`, enrollment!, validateOnly),
    ),
    rpc(method.getEnrollment, policy("get", "ADMIN_READ"), async ({ name }) =>
      messageOf(enrollmentKind, await readResource(deps, enrollmentKind, name)),
    ),
    rpc(method.listEnrollments, policy("list", "ADMIN_READ"), async (request) => {
      const { page: enrollments, nextPageToken } = await listResources(deps, enrollmentKind, request);
      return { enrollments, nextPageToken };
    }),
    rpc(method.updateEnrollment, policy("update", "ADMIN_WRITE"), ({ enrollment, ...request }) =>
      updateResource(deps, enrollmentKind, enrollment!, request),
    ),
    rpc(method.deleteEnrollment, policy("delete", "ADMIN_WRITE"), (request) =>
      deleteResource(deps, enrollmentKind, request),
    ),
  ];
}

function policy(verb: string, audit: AuditKind): RpcPolicy {
  return { permission: `eventarc.enrollments.${verb}`, audit };
}
