import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { type Affinity, parseAffinity } from "../pool/affinity.ts";
import { pickRevision } from "../pool/pick.ts";
import type { RevisionPool } from "../pool/revision-pool.ts";
import type { ServiceRoute, ServingDeps } from "../serving.ts";
import type { Exchange } from "./exchange.ts";
import { type CredentialField, readRequestFields, type RequestFields, requestHeaders } from "./headers.ts";
import type { Connection, IncomingStream } from "./incoming.ts";
import { invalidToken, notFound, type Page, permissionDenied, unauthenticated } from "./pages.ts";
import type { RouteMatch, RouteTable } from "./route-table.ts";
import { traceOf } from "./trace.ts";

export interface AdmitDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly routes: Pick<RouteTable, "find">;
  /** The pool of a revision, by full resource name. */
  readonly poolOf: (revision: string) => RevisionPool | undefined;
  readonly authorizeInvoker: ServingDeps["authorizeInvoker"];
  readonly isInternalAddress: (address: string) => boolean;
  /** Whether traces that begin here are sampled. */
  readonly sampleTraces: boolean;
}

/** A request with the revision chosen for it, and the page that refuses it, if it may not be served. */
export interface Admission {
  readonly exchange: Exchange;
  readonly refused: Page | undefined;
}

/** What a request gets that may not even be known to be for a service. */
export interface NotAdmitted {
  readonly exchange: undefined;
  readonly refused: Page;
}

const NOT_FOUND: NotAdmitted = { exchange: undefined, refused: notFound };

/**
 * Finds the service and revision of a request and decides whether the caller may have it; a page when there is none. At
 * once, unless a policy has to be asked.
 */
export function admit(deps: AdmitDeps, stream: IncomingStream): Admission | NotAdmitted | Promise<Admission> {
  const startMs = deps.clock.nowMs();
  const match = deps.routes.find(stream.authority, stream.target);
  if (match === undefined || !isOpenTo(match.route, stream.connection, deps)) return NOT_FOUND;
  const read = readRequestFields(stream.fields, stream.hopByHop);
  const affinity = parseAffinity(read.cookie);
  const pool = choosePool(deps, match, affinity);
  if (pool === undefined) return NOT_FOUND;
  const admission = ({ refused, checkedField }: Verdict): Admission => ({
    exchange: newExchange(deps, { stream, read, startMs, match, pool, affinity, checkedField }),
    refused,
  });
  if (!match.route.invokerIamChecked) return admission(OPEN);
  return authorize(deps, match, stream, read).then(admission);
}

/** What the invoker check came to. */
interface Verdict {
  readonly refused: Page | undefined;
  /** Where a credential stood that was checked: it is the platform's, and the container must not be able to reuse it. */
  readonly checkedField: CredentialField | undefined;
}

const OPEN: Verdict = { refused: undefined, checkedField: undefined };

function isOpenTo(route: ServiceRoute, connection: Connection, deps: AdmitDeps): boolean {
  if (route.ingress === "none") return false;
  return route.ingress === "all" || deps.isInternalAddress(connection.remoteAddress);
}

/** Google: Cloud Run, "Session affinity and traffic splitting": affinity takes precedence over percentages. */
function choosePool(
  deps: AdmitDeps,
  { route, tag }: RouteMatch,
  affinity: Affinity | undefined,
): RevisionPool | undefined {
  if (tag === undefined && affinity !== undefined) {
    for (const { revision, percent } of route.traffic) {
      const pool = percent > 0 ? deps.poolOf(revision) : undefined;
      if (pool?.spec.sessionAffinity === true && pool.affinityKey === affinity.revisionKey) return pool;
    }
  }
  const chance = route.traffic.length > 1 ? deps.ids.fraction() : 0;
  const revision = tag === undefined ? pickRevision(route.traffic, chance) : route.tags[tag];
  return revision === undefined ? undefined : deps.poolOf(revision);
}

/**
 * Google: Cloud Run, "Authenticating": X-Serverless-Authorization counts before Authorization, which is then the
 * service's own. A service that everybody may invoke gets its callers' credentials as they are: they are meant for its
 * own code (end users' tokens).
 */
async function authorize(
  deps: AdmitDeps,
  match: RouteMatch,
  { connection: { scheme }, target: url }: IncomingStream,
  read: RequestFields,
): Promise<Verdict> {
  const { route, tag, address } = match;
  const isServerless = read["x-serverless-authorization"] !== undefined;
  const checkedField = isServerless ? "x-serverless-authorization" : "authorization";
  const credential = bearerToken(read[checkedField]);
  const asCalled = tag === undefined ? [`${scheme}://${address}`] : [];
  const audiences = [...route.audiences, ...ownUrls(route), ...asCalled];
  const decide = (given: string | undefined) => deps.authorizeInvoker(route.service, given, audiences);
  const withoutCredential = await decide(undefined);
  if (withoutCredential === "ALLOWED") return OPEN;
  const decision = credential === undefined ? withoutCredential : await decide(credential);
  if (decision === "ALLOWED") return { refused: undefined, checkedField };
  return { refused: refusalOf(decision, credential, url), checkedField };
}

function refusalOf(decision: "UNAUTHENTICATED" | "FORBIDDEN", credential: string | undefined, url: string): Page {
  if (decision === "FORBIDDEN") return permissionDenied(url);
  return credential === undefined ? unauthenticated(url) : invalidToken(url);
}

function ownUrls({ hosts, paths }: ServiceRoute): string[] {
  return [...hosts.map((host) => `https://${host}`), ...paths.map(({ host, path }) => `https://${host}${path}`)];
}

function bearerToken(value: string | undefined): string | undefined {
  const match = value === undefined ? null : /^bearer\s+(\S+)\s*$/i.exec(value);
  return match?.[1];
}

interface NewExchange extends Pick<Exchange, "stream" | "startMs" | "pool" | "affinity"> {
  readonly read: RequestFields;
  readonly match: RouteMatch;
  readonly checkedField: CredentialField | undefined;
}

function newExchange(deps: AdmitDeps, given: NewExchange): Exchange {
  const { stream, read, startMs, match, pool, checkedField } = given;
  const { host, path } = match;
  const trace = traceOf(read, deps.ids, deps.sampleTraces);
  const { scheme, remoteAddress } = stream.connection;
  return {
    stream,
    startMs,
    host,
    path,
    url: `${scheme}://${host}${path}`,
    userAgent: read["user-agent"] ?? "",
    trace,
    pool,
    spec: pool.spec,
    affinity: pool.spec.sessionAffinity ? given.affinity : undefined,
    headers: requestHeaders(read, { host, scheme, remoteAddress, trace, checkedField }),
    takesTrailers: read.te?.includes("trailers") === true,
    instance: undefined,
    setCookie: undefined,
    status: 0,
    requestBytes: 0,
    responseBytes: 0,
    message: undefined,
    cancel: undefined,
    aborted: undefined,
  };
}
