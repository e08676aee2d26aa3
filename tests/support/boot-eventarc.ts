import assert from "node:assert/strict";
import { Publisher } from "../../src/gen/google/pubsub/v1/pubsub_pb.js";
import { eventarc } from "../../src/services/eventarc/module.ts";
import { logging } from "../../src/services/logging/module.ts";
import { eventarcpublishing } from "../../src/services/eventarcpublishing/module.ts";
import { pubsub } from "../../src/services/pubsub/module.ts";
import { storage } from "../../src/services/storage/module.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";
import { type BootedApi, bootApi } from "./boot-api.ts";
import type { PublishRecorder } from "./recorded-publishes.ts";

export type Json = Record<string, unknown>;

/** An answer of REST. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** Eventarc with the services that it makes transport and sources of. */
export interface BootedEventarc extends AsyncDisposable {
  readonly api: BootedApi;
  call(method: string, path: string, body?: Json): Promise<Answer>;
  /** Asks for a trigger to an HTTP endpoint, in us-central1 unless `parent` says otherwise. */
  create(id: string, trigger: Json, query?: string, parent?: string): Promise<Answer>;
  /** The response of the operation that an answer holds, once it is done. */
  done(answer: Answer): Promise<Json>;
}

export const PARENT = "projects/demo/locations/us-central1";
export const MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";
export const OBJECT_FINALIZED = "google.cloud.storage.object.v1.finalized";
export const AUDIT_LOG_WRITTEN = "google.cloud.audit.log.v1.written";
/** Nobody listens there. */
export const ENDPOINT = { httpEndpoint: { uri: "http://127.0.0.1:9/events?a=b" } };

/** Boots Eventarc and its publishing API, Pub/Sub, Cloud Storage and Cloud Logging; what is published can be recorded instead. */
export async function bootEventarc(recorder?: PublishRecorder): Promise<BootedEventarc> {
  const api = await bootApi((deps) => [
    eventarc(deps),
    eventarcpublishing(deps),
    recorder ? recording(pubsub(deps), recorder) : pubsub(deps),
    logging(deps),
    storage({ ...deps, publicKeysOf: async () => [] }),
  ]);
  const call = (method: string, path: string, body?: Json) => api.json(method, `/eventarc/v1/${path}`, body);
  return {
    api,
    call,
    create: (id, trigger, query = "", parent = PARENT) =>
      call("POST", `${parent}/triggers?triggerId=${id}${query}`, { destination: ENDPOINT, ...trigger }),
    async done({ status, body }) {
      assert.equal(status, 200, JSON.stringify(body));
      await api.api.wakeups.idle();
      const operation = (await call("GET", String(body["name"]))).body;
      assert.ok(operation["response"], JSON.stringify(operation));
      const { "@type": _, ...response } = operation["response"] as Json;
      return response;
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** Filters by type and other attributes. */
export function filtersOf(type: string, ...others: readonly (readonly [string, string, string?])[]) {
  const rest = others.map(([attribute, value, operator]) => ({ attribute, value, ...(operator && { operator }) }));
  return [{ attribute: "type", value: type }, ...rest];
}

/** The message of a refusal with INVALID_ARGUMENT. */
export async function refusalOf(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer;
  assert.equal(status, 400, JSON.stringify(body));
  return (body["error"] as { message: string }).message;
}

/** Pub/Sub with topics and subscriptions of its own, whose messages go to the recorder. */
function recording(module: ServiceModule, { module: recorder }: PublishRecorder): ServiceModule {
  const isPublish = ({ method }: ServiceModule["rpcs"][number]) => method === Publisher.method.publish;
  return { ...module, rpcs: [...module.rpcs.filter((rpc) => !isPublish(rpc)), ...recorder.rpcs.filter(isPublish)] };
}
