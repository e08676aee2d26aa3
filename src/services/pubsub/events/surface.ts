import type { Call } from "../../../wire/call.ts";
import { ApiError, invalidArgument, notFound, unauthenticated } from "../../../wire/errors.ts";
import type { Surface } from "../../../wire/service-module.ts";
import { errorBody, toApiError } from "../../../wire/status.ts";
import type { FaultService } from "../faults/fault-service.ts";
import { formatFaults, parseFaults } from "../faults/faults.ts";
import type { Deps } from "../deps.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { subscriptionOf } from "../resources/subscription.ts";
import { attemptJson, detailedEventJson, eventJson } from "./event-json.ts";
import { type EventRecord, findEvents } from "./event-record.ts";
import type { Recorder } from "./recorder.ts";
import { replayEvent, type ReplayDeps } from "./replay.ts";
import { revisionsOf } from "./revisions-of.ts";

export interface EventsApiDeps extends ReplayDeps, Pick<Deps, "subscriptions" | "access"> {
  readonly recorder: Recorder;
  readonly faults: FaultService;
}

const EVENTS = /^\/homerun\/v1\/(projects\/[^/]+)\/events$/;
const EVENT = /^\/homerun\/v1\/(projects\/[^/]+)(?:\/subscriptions\/([^/]+))?\/events\/([^/:]+)(:replay)?$/;
const FAULTS = /^\/homerun\/v1\/(projects\/[^/]+)\/faults$/;
const SUBSCRIPTION_FAULTS = /^\/homerun\/v1\/(projects\/[^/]+\/subscriptions\/[^/]+)\/faults$/;
/** The subscription of a path, or else the project. */
const RESOURCE = /^\/homerun\/v1\/(projects\/[^/]+(?:\/subscriptions\/[^/]+)?)\//;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

/**
 * homerun's own API of events, below /homerun/v1 of Pub/Sub's: what was delivered how, sending it again, and faults on
 * request. Answers and errors are JSON as Google's are.
 */
export function eventsSurface(deps: EventsApiDeps): Surface {
  return {
    matches: (path) => [EVENTS, EVENT, FAULTS, SUBSCRIPTION_FAULTS].some((pattern) => pattern.test(path)),
    async fetch(request, call) {
      try {
        await authorize(deps, request, call);
        return Response.json(await answer(deps, request, call));
      } catch (error) {
        const { httpStatus, body } = errorBody(toApiError(error));
        return Response.json(body, { status: httpStatus });
      }
    },
  };
}

/** Who sees events reads what is in messages, and who replays them or breaks them changes what a subscription does. */
async function authorize({ access }: EventsApiDeps, { url, method }: Request, { principal }: Call): Promise<void> {
  if (principal.kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
  const [, name = ""] = RESOURCE.exec(decodeURIComponent(new URL(url).pathname)) ?? [];
  const permission = `pubsub.subscriptions.${method === "GET" ? "consume" : "update"}`;
  await access.require(principal, permission, { name, resourceService: "pubsub.googleapis.com" });
}

async function answer(deps: EventsApiDeps, request: Request, call: Call): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url);
  const path = decodeURIComponent(pathname);
  const { method } = request;
  const [, project] = EVENTS.exec(path) ?? [];
  if (project !== undefined && method === "GET") return listEvents(deps, project, searchParams);
  const [, owner, subscription, messageId, verb] = EVENT.exec(path) ?? [];
  if (owner !== undefined && messageId !== undefined) {
    const event = await findEvent(deps, owner, subscription, messageId);
    if (verb === undefined && method === "GET") return describeEvent(deps, event, call);
    if (verb !== undefined && method === "POST") return replay(deps, event, await bodyOf(request), call);
  }
  const [, faultsProject] = FAULTS.exec(path) ?? [];
  if (faultsProject !== undefined && method === "GET") return listFaults(deps, faultsProject);
  const [, name] = SUBSCRIPTION_FAULTS.exec(path) ?? [];
  if (name !== undefined) return changeFaults(deps, name, method, request);
  throw notFound(path, `The requested URL ${path} was not found on this server (${method}).`);
}

async function listEvents({ recorder }: EventsApiDeps, project: string, query: URLSearchParams): Promise<unknown> {
  const known = ["subscription", "trigger", "service", "failed", "limit"];
  for (const name of query.keys()) if (!known.includes(name)) throw invalidQuery(name, "is no parameter");
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw invalidQuery("limit", `must be a number from 1 to ${MAX_LIMIT}`);
  const subscription = query.get("subscription");
  const records = await findEvents(recorder, {
    project,
    limit,
    subscription: subscription === null ? undefined : fullName(project, subscription),
    trigger: query.get("trigger") ?? undefined,
    service: query.get("service") ?? undefined,
    failed: query.get("failed") === "true",
  });
  return { events: records.map(eventJson) };
}

/** The one event of that id; where several subscriptions got the message, one has to be named. */
async function findEvent(
  { recorder }: EventsApiDeps,
  project: string,
  subscription: string | undefined,
  messageId: string,
): Promise<EventRecord> {
  const full = subscription === undefined ? undefined : fullName(project, subscription);
  const found = await findEvents(recorder, { project, messageId, subscription: full, limit: 100 });
  const [event] = found;
  if (event === undefined)
    throw notFound(`${full ?? project}/events/${messageId}`, `There is no event ${messageId} on record.`);
  if (found.length === 1) return event;
  const names = found.map((each) => each.subscription).join(", ");
  throw invalidQuery("subscription", `must be named, since several got the message: ${names}`);
}

async function describeEvent(deps: EventsApiDeps, event: EventRecord, call: Call): Promise<unknown> {
  const json = detailedEventJson(event);
  const revisions = await revisionsOf(deps, event, call);
  const attempts = json.attempts.map((attempt) => {
    const revision = attempt.trace === undefined ? undefined : revisions.get(attempt.trace);
    return { ...attempt, ...(revision !== undefined && { revision }) };
  });
  return { ...json, attempts };
}

async function replay(
  deps: EventsApiDeps,
  event: EventRecord,
  body: Record<string, unknown>,
  call: Call,
): Promise<unknown> {
  const target = { revision: textOf(body, "revision"), url: textOf(body, "url") };
  const row = await deps.subscriptions.get(event.subscription);
  return attemptJson(await replayEvent(deps, event, row && subscriptionOf(row), target, call));
}

function listFaults({ faults }: EventsApiDeps, project: string): unknown {
  const ofProject = faults.list().filter(({ subscription }) => subscription.startsWith(`${project}/`));
  return { faults: ofProject.map((each) => ({ subscription: each.subscription, ...formatFaults(each.faults) })) };
}

async function changeFaults(
  deps: EventsApiDeps,
  subscription: string,
  method: string,
  request: Request,
): Promise<unknown> {
  if (!(await deps.subscriptions.get(subscription))) throw resourceNotFound(subscription);
  if (method === "PUT") {
    const faults = parseFaults(await bodyOf(request));
    await deps.faults.set(subscription, faults);
    return { subscription, ...formatFaults(faults) };
  }
  if (method === "DELETE") {
    await deps.faults.clear(subscription);
    return {};
  }
  const found = deps.faults.list().find((each) => each.subscription === subscription);
  return { subscription, ...(found && formatFaults(found.faults)) };
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  try {
    const value: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (error instanceof ApiError) throw error;
  }
  throw invalidArgument("The request's body is no JSON object.");
}

function textOf(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw invalidQuery(field, "must be a text");
}

function fullName(project: string, subscription: string): string {
  return subscription.includes("/") ? subscription : `${project}/subscriptions/${subscription}`;
}

function invalidQuery(field: string, what: string): ApiError {
  const description = `${field} ${what}.`;
  return invalidArgument(description, [{ field, description }]);
}
