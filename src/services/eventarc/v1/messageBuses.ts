import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { failedPrecondition } from "../../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { type AuditKind, type Rpc, rpc, type RpcPolicy } from "../../../wire/rpc.ts";
import { enrollmentKind, messageBusKind } from "../advanced/kinds.ts";
import { createResource, deleteResource, listResources, readResource, updateResource } from "../advanced/methods.ts";
import { fromRow, messageOf } from "../advanced/stored-resource.ts";
import type { Deps } from "../deps.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
const { method } = Eventarc;

/** Eventarc.{Create,Get,List,Update,Delete}MessageBus; ListMessageBusEnrollments. A bus with enrollments stays. */
export function messageBusRpcs(deps: Deps): Rpc[] {
  return [
    rpc(
      method.createMessageBus,
      policy("create", "ADMIN_WRITE"),
      ({ parent, messageBus, messageBusId, validateOnly }) =>
        createResource(deps, messageBusKind, `${parent}/messageBuses/${messageBusId}`, messageBus!, validateOnly),
    ),
    rpc(method.getMessageBus, policy("get", "ADMIN_READ"), async ({ name }) =>
      messageOf(messageBusKind, await readResource(deps, messageBusKind, name)),
    ),
    rpc(method.listMessageBuses, policy("list", "ADMIN_READ"), async (request) => {
      const { page: messageBuses, nextPageToken } = await listResources(deps, messageBusKind, request);
      return { messageBuses, nextPageToken };
    }),
    rpc(method.updateMessageBus, policy("update", "ADMIN_WRITE"), ({ messageBus, ...request }) =>
      updateResource(deps, messageBusKind, messageBus!, request),
    ),
    rpc(method.deleteMessageBus, policy("delete", "ADMIN_WRITE"), (request) =>
      deleteResource(deps, messageBusKind, request, async (transaction) => {
        const [enrollment] = await enrollmentsOf(deps, request.name, transaction);
        if (enrollment !== undefined)
          throw failedPrecondition(`The message bus is used by the enrollment ${enrollment}`);
      }),
    ),
    rpc(method.listMessageBusEnrollments, policy("listEnrollments", "ADMIN_READ"), async (request) => {
      const { parent, pageSize, pageToken } = request;
      await readResource(deps, messageBusKind, parent);
      const names = await enrollmentsOf(deps, parent);
      const scope = `bus-enrollments/${parent}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const rest = names.filter((name) => name > after).slice(0, size + 1);
      const { page, nextPageToken } = pageOf(rest, size, (name) => name, scope);
      return { enrollments: page, nextPageToken };
    }),
  ];
}

function policy(verb: string, audit: AuditKind): RpcPolicy {
  return { permission: `eventarc.messageBuses.${verb}`, audit };
}

/** Names of the enrollments of a bus, in order. */
async function enrollmentsOf(deps: Deps, bus: string, transaction?: StoreTransaction): Promise<string[]> {
  const project = bus.split("/")[1]!;
  const parent = `projects/${project}/locations/-`;
  const rows = await deps.enrollments.list({ parent, limit: Number.MAX_SAFE_INTEGER }, transaction);
  const own = rows.filter((row) => fromRow(enrollmentKind, row).resource.messageBus === bus);
  return own.map(({ name }) => name);
}
