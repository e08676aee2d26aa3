import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type Service, ServiceSchema, State } from "../../../gen/google/api/serviceusage/v1/resources_pb.js";
import {
  BatchEnableServicesResponseSchema,
  DisableServiceResponseSchema,
  EnableServiceResponseSchema,
  ServiceUsage,
} from "../../../gen/google/api/serviceusage/v1/serviceusage_pb.js";
import type { OperationSchema } from "../../../gen/google/longrunning/operations_pb.js";
import { failedPrecondition } from "../../../wire/errors.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { type Rpc, rpc } from "../../../wire/rpc.ts";
import type { ServiceUsageDeps } from "../module.ts";

/** Google's name of an operation that was over before it began. */
const DONE_OPERATION = "operations/noop.DONE_OPERATION";

type OperationInit = MessageInitShape<typeof OperationSchema>;

/** google.api.serviceusage.v1.ServiceUsage over the list of served APIs. */
export function serviceUsageRpcs(deps: ServiceUsageDeps): Rpc[] {
  const find = (name: string): Service => {
    const [, project = "", api = ""] = /^projects\/([^/]+)\/services\/(.+)$/.exec(name) ?? [];
    return serviceOf(project, api, deps.servedApis().includes(api));
  };
  const enable = (name: string): Service => {
    const service = find(name);
    if (service.state !== State.ENABLED) throw notServed(service.config!.name);
    return service;
  };
  const method = ServiceUsage.method;
  const read = { permission: "serviceusage.services.get", audit: "ADMIN_READ" } as const;
  const write = { permission: "serviceusage.services.enable", audit: "ADMIN_WRITE" } as const;
  return [
    rpc(method.getService, read, async ({ name }) => find(name)),
    rpc(method.batchGetServices, read, async ({ names }) => ({ services: names.map(find) })),
    rpc(method.listServices, { ...read, permission: "serviceusage.services.list" }, async (request) => {
      const services = deps.servedApis().map((api) => find(`${request.parent}/services/${api}`));
      const pageSize = pageSizeOf(request.pageSize, 50, 200);
      const after = decodePageToken(request.pageToken, request.parent)?.after ?? "";
      const wanted = request.filter.includes("DISABLED") ? [] : services.filter((service) => service.name > after);
      const { page, nextPageToken } = pageOf(wanted, pageSize, (service) => service.name, request.parent);
      return { services: page, nextPageToken };
    }),
    rpc(method.enableService, write, async ({ name }) =>
      done(anyPack(EnableServiceResponseSchema, create(EnableServiceResponseSchema, { service: enable(name) }))),
    ),
    rpc(method.batchEnableServices, write, async ({ parent, serviceIds }) => {
      const services = serviceIds.map((api) => enable(`${parent}/services/${api}`));
      return done(anyPack(BatchEnableServicesResponseSchema, create(BatchEnableServicesResponseSchema, { services })));
    }),
    rpc(method.disableService, { ...write, permission: "serviceusage.services.disable" }, async ({ name }) => {
      const service = find(name);
      if (service.state === State.ENABLED) {
        throw failedPrecondition(`${service.config!.name} cannot be disabled: homerun serves it to every project.`);
      }
      return done(anyPack(DisableServiceResponseSchema, create(DisableServiceResponseSchema, { service })));
    }),
  ];
}

function serviceOf(project: string, api: string, served: boolean): Service {
  const parent = `projects/${projectNumberOf(project)}`;
  return create(ServiceSchema, {
    name: `${parent}/services/${api}`,
    parent,
    config: { name: api, title: api },
    state: served ? State.ENABLED : State.DISABLED,
  });
}

function done(response: Any): OperationInit {
  return { name: DONE_OPERATION, done: true, result: { case: "response", value: response } };
}

function notServed(api: string) {
  return failedPrecondition(`Service ${api} is not available: homerun does not serve it.`);
}
