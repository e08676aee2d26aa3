import { Publisher } from "../../src/gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../src/gen/google/rpc/code_pb.js";
import { ApiError, notFound } from "../../src/wire/errors.ts";
import { rpc } from "../../src/wire/rpc.ts";
import type { ServiceModule } from "../../src/wire/service-module.ts";
import type { BootedApi } from "./boot-api.ts";
import { until } from "./until.ts";

/** A message as it came to Pub/Sub. */
export interface RecordedPublish {
  readonly topic: string;
  readonly attributes: Record<string, string>;
  /** The data, as text. */
  readonly data: string;
  /** E-mail address of who published it. */
  readonly publisher: string;
}

/** Stands where Pub/Sub does, for tests of what publishes. Every topic exists but those called "missing". */
export interface PublishRecorder {
  readonly module: ServiceModule;
  /** What has come since the last call. */
  take(): RecordedPublish[];
  /** Answers the next publishes with UNAVAILABLE. */
  failNext(times: number): void;
}

export function recordPublishes(): PublishRecorder {
  const published: RecordedPublish[] = [];
  const open = { permission: "none", audit: "none" } as const;
  let failures = 0;
  const checkTopic = (topic: string) => {
    if (topic.endsWith("/missing")) throw notFound(topic);
  };
  const publish = rpc(Publisher.method.publish, open, async ({ topic, messages }, { principal }) => {
    checkTopic(topic);
    if (failures > 0) throw new ApiError(Code.UNAVAILABLE, `Fails ${failures--} more times`);
    const publisher = "email" in principal ? principal.email : "";
    for (const { attributes, data } of messages) {
      published.push({ topic, attributes, data: Buffer.from(data).toString(), publisher });
    }
    return { messageIds: messages.map((_, index) => String(index)) };
  });
  const getTopic = rpc(Publisher.method.getTopic, open, async ({ topic }) => {
    checkTopic(topic);
    return { name: topic };
  });
  return {
    module: { name: "pubsub", services: [Publisher], rpcs: [publish, getTopic] },
    take: () => published.splice(0),
    failNext(times) {
      failures = times;
    },
  };
}

/** Resolves when a service's outbox is empty: everything has been published, or given up. */
export async function outboxIsEmpty({ api }: BootedApi, table: string): Promise<void> {
  const store = api.deps.store.read<Record<string, { id: number }>>();
  await until(async () => (await store.selectFrom(table).select("id").limit(1).execute()).length === 0);
}
