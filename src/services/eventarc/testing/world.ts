import type { Process } from "../../../../tests/recovery/mortal-process.ts";
import { ConfigServiceV2, type CreateSinkRequest } from "../../../gen/google/logging/v2/logging_config_pb.js";
import { Publisher, Subscriber, type Subscription, type Topic } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { type ApiError, alreadyExists, notFound } from "../../../wire/errors.ts";
import type { Clients } from "../../../wire/in-process/client.ts";
import type { Deps } from "../deps.ts";

/** What Eventarc makes in other services. */
export interface World {
  readonly topics: Map<string, Record<string, string>>;
  readonly subscriptions: Map<string, Record<string, string>>;
  readonly sinks: Set<string>;
  readonly notifications: { readonly id: string; readonly bucket: string; readonly topic: string }[];
  /** What new notifications are refused with. */
  refusal: ApiError | undefined;
}

export const makeWorld = (): World => ({
  topics: new Map(),
  subscriptions: new Map(),
  sinks: new Set(),
  notifications: [],
  refusal: undefined,
});

/** Doubles of the services that Eventarc calls; each of their methods is an edge. */
export function clientsOf({ world, edges }: Process<World>): Clients {
  const { topics, subscriptions, sinks } = world;
  const doubles = new Map<unknown, object>([
    [
      Publisher,
      edges("publisher", {
        createTopic: async ({ name, labels }: Topic) => add(topics, name, labels),
        getTopic: async ({ topic }: { topic: string }) => ({ labels: found(topics, topic) }),
        deleteTopic: async ({ topic }: { topic: string }) => remove(topics, topic),
      }),
    ],
    [
      Subscriber,
      edges("subscriber", {
        createSubscription: async ({ name, labels }: Subscription) => add(subscriptions, name, labels),
        getSubscription: async ({ subscription }: { subscription: string }) => ({
          labels: found(subscriptions, subscription),
        }),
        updateSubscription: async () => ({}),
        deleteSubscription: async ({ subscription }: { subscription: string }) => remove(subscriptions, subscription),
      }),
    ],
    [
      ConfigServiceV2,
      edges("config", {
        createSink: async ({ parent, sink }: CreateSinkRequest) => {
          const name = `${parent}/sinks/${sink!.name}`;
          if (sinks.has(name)) throw alreadyExists(name);
          sinks.add(name);
          return {};
        },
        updateSink: async () => ({}),
        deleteSink: async ({ sinkName }: { sinkName: string }) => {
          if (!sinks.delete(sinkName)) throw notFound(sinkName);
          return {};
        },
      }),
    ],
    [Storage, { getBucket: async () => ({ location: "US-CENTRAL1" }) }],
  ]);
  return { of: (service) => doubles.get(service) as never };
}

/** A double of Cloud Storage's notification configurations; each call is an edge. */
export function fetchOf({ world, edge }: Process<World>): Deps["fetchInProcess"] {
  return (request) =>
    edge(`storage ${request.method}`, async () => {
      const [, bucket = "", id] = /\/b\/([^/]+)\/notificationConfigs(?:\/(.+))?$/.exec(request.url) ?? [];
      const { notifications } = world;
      if (request.method === "GET")
        return Response.json({ items: notifications.filter((each) => each.bucket === bucket) });
      if (request.method === "DELETE") {
        const index = notifications.findIndex((each) => each.id === id);
        if (index < 0) return Response.json({}, { status: 404 });
        notifications.splice(index, 1);
        return new Response(null, { status: 204 });
      }
      if (world.refusal) return Response.json({ error: { message: world.refusal.message } }, { status: 400 });
      const { topic } = (await request.json()) as { topic: string };
      notifications.push({ id: `${bucket}-1`, bucket, topic });
      return Response.json({});
    });
}

type Labelled = Map<string, Record<string, string>>;

function add(all: Labelled, name: string, labels: Record<string, string>) {
  if (all.has(name)) throw alreadyExists(name);
  all.set(name, labels);
  return {};
}

function found(all: Labelled, name: string) {
  const labels = all.get(name);
  if (!labels) throw notFound(name);
  return labels;
}

function remove(all: Labelled, name: string) {
  if (!all.delete(name)) throw notFound(name);
  return {};
}
