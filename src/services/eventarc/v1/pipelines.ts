import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";

import { type AuditKind, type Rpc, rpc, type RpcPolicy } from "../../../wire/rpc.ts";
import { pipelineKind } from "../advanced/kinds.ts";
import { createResource, deleteResource, listResources, readResource, updateResource } from "../advanced/methods.ts";
import { messageOf } from "../advanced/stored-resource.ts";
import type { Deps } from "../deps.ts";

const { method } = Eventarc;

/** Eventarc.{Create,Get,List,Update,Delete}Pipeline. */
export function pipelineRpcs(deps: Deps): Rpc[] {
  return [
    rpc(method.createPipeline, policy("create", "ADMIN_WRITE"), ({ parent, pipeline, pipelineId, validateOnly }) =>
      createResource(deps, pipelineKind, `${parent}/pipelines/${pipelineId}`, pipeline!, validateOnly),
    ),
    rpc(method.getPipeline, policy("get", "ADMIN_READ"), async ({ name }) =>
      messageOf(pipelineKind, await readResource(deps, pipelineKind, name)),
    ),
    rpc(method.listPipelines, policy("list", "ADMIN_READ"), async (request) => {
      const { page: pipelines, nextPageToken } = await listResources(deps, pipelineKind, request);
      return { pipelines, nextPageToken };
    }),
    rpc(method.updatePipeline, policy("update", "ADMIN_WRITE"), ({ pipeline, ...request }) =>
      updateResource(deps, pipelineKind, pipeline!, request),
    ),
    rpc(method.deletePipeline, policy("delete", "ADMIN_WRITE"), (request) =>
      deleteResource(deps, pipelineKind, request),
    ),
  ];
}

function policy(verb: string, audit: AuditKind): RpcPolicy {
  return { permission: `eventarc.pipelines.${verb}`, audit };
}
