import type { RunContext } from "../context.ts";
import { revisionNotFound, serviceNotFound } from "../services/errors.ts";
import { every } from "../every.ts";
import { formatLocationName, formatServiceName } from "../names.ts";
import type { RevisionRecord, ServiceRecord } from "../store.ts";
import type { V1Request } from "./request.ts";

/** The service that a v1 path names; without a regional host the one region that has it. NOT_FOUND in Google's words. */
export async function findService({ rows }: RunContext, at: V1Request): Promise<ServiceRecord> {
  const name = formatServiceName({ ...at, service: at.name });
  const anywhere = every(rows.allServices, formatLocationName(at));
  const isIt = ({ service }: ServiceRecord) => service.name.endsWith(`/services/${at.name}`);
  const found = at.location === "-" ? await first(anywhere, isIt) : await rows.getService(name);
  if (!found) throw serviceNotFound(name);
  return found;
}

/** The revision that a v1 path names, whichever service or worker pool it belongs to. NOT_FOUND in Google's words. */
export async function findRevision({ rows }: RunContext, at: V1Request): Promise<RevisionRecord> {
  const isIt = ({ revision }: RevisionRecord) => revision.name.endsWith(`/revisions/${at.name}`);
  const found = await first(every(rows.allRevisions, `${formatLocationName(at)}/-/-`), isIt);
  if (!found) throw revisionNotFound(`${formatLocationName(at)}/services/-/revisions/${at.name}`);
  return found;
}

async function first<Item>(items: AsyncIterable<Item>, isIt: (item: Item) => boolean): Promise<Item | undefined> {
  for await (const item of items) if (isIt(item)) return item;
  return undefined;
}
