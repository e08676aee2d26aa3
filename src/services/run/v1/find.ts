import { formatLocationName, formatServiceName } from "../names.ts";
import type { RunContext } from "../context.ts";
import { revisionNotFound, serviceNotFound } from "../errors.ts";
import type { RevisionRecord, ServiceRecord } from "../store.ts";
import type { V1Request } from "./request.ts";

const PAGE = 500;

/** The service that a v1 path names; without a regional host the one region that has it. NOT_FOUND in Google's words. */
export async function findService(context: RunContext, at: V1Request): Promise<ServiceRecord> {
  const name = formatServiceName({ ...at, service: at.name });
  const found = at.location === "-" ? await searchRegions(context, at) : await context.rows.getService(name);
  if (!found) throw serviceNotFound(name);
  return found;
}

/** The revision that a v1 path names, whichever service it belongs to. NOT_FOUND in Google's words. */
export async function findRevision({ rows }: RunContext, at: V1Request): Promise<RevisionRecord> {
  const parent = `${formatLocationName(at)}/services/-`;
  let after: string | undefined;
  for (;;) {
    const page = await rows.listRevisions({
      parent,
      limit: PAGE,
      ...(after !== undefined && { after: { name: after } }),
    });
    const found = page.find(({ revision }) => revision.name.endsWith(`/revisions/${at.name}`));
    if (found) return found;
    if (page.length < PAGE) throw revisionNotFound(`${parent}/revisions/${at.name}`);
    after = page.at(-1)!.revision.name;
  }
}

async function searchRegions({ rows }: RunContext, at: V1Request): Promise<ServiceRecord | undefined> {
  let after: string | undefined;
  for (;;) {
    const query = {
      parent: formatLocationName(at),
      limit: PAGE,
      ...(after !== undefined && { after: { name: after } }),
    };
    const page = await rows.listServices(query);
    const found = page.find(({ service }) => service.name.endsWith(`/services/${at.name}`));
    if (found || page.length < PAGE) return found;
    after = page.at(-1)!.service.name;
  }
}
