import { AsyncLocalStorage } from "node:async_hooks";
import { create, fromJsonString, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { Publisher, type PubsubMessage, PubsubMessageSchema } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import { createKeyedLock } from "../../platform/keyed-lock.ts";
import { createKeyedQueue } from "../../platform/wakeups/keyed-queue.ts";
import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import { ApiError } from "../errors.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { createOutboxStore, type OutboxRow, type OutboxStore } from "./store.ts";

/** Topics that are published to at the same time. */
const PARALLEL_QUEUES = 16;
/**
 * After the commit messages are published directly, without the writes that a wake-up of each would cost; the wake-up looks
 * later whether any were left.
 */
const CHECK_MS = 5_000;
/** Messages published at once. */
const BATCH = 100;
/** Bytes of them, in JSON; Pub/Sub takes 10 MB. */
const BATCH_BYTES = 5_000_000;
/** What waits longer than this is given up. Google: Cloud Storage tries to deliver a notification for seven days. */
const GIVE_UP_MS = 7 * 24 * 60 * 60 * 1000;
/** What Pub/Sub says to a request that no later try makes right. */
const FINAL_CODES: readonly Code[] = [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT];

/** A message that a service wants published. */
export interface OutgoingMessage {
  /** "projects/P/topics/T" */
  readonly topic: string;
  /** E-mail address of the service agent that publishes it. */
  readonly agent: string;
  readonly message: MessageInitShape<typeof PubsubMessageSchema>;
}

export type OutboxDeps = Pick<ServiceDeps, "store" | "wakeups" | "clients" | "clock" | "log">;

/**
 * Messages to Pub/Sub that are written down in the transaction of what they tell about, and published right after its
 * commit: at least once, in order for each topic and agent. A topic that does not exist loses them, with a warning.
 */
export interface Outbox {
  add(transaction: StoreTransaction, messages: readonly OutgoingMessage[]): Promise<void>;
  readonly reconcilers: Readonly<Record<string, Reconcile>>;
  /** Publishes nothing more; what is left waits for the next process. */
  stop(): Promise<void>;
}

export interface OutboxOptions {
  /** The outbox's own, which `outboxMigration` makes. */
  readonly table: string;
  /** Of its wake-ups. */
  readonly kind: string;
  /** Topics that need not exist: nobody is warned of what they lose. */
  readonly isOptional?: boolean;
}

export function createOutbox(deps: OutboxDeps, options: OutboxOptions): Outbox {
  const { table, kind, isOptional = false } = options;
  const rows = createOutboxStore(deps.store, table);
  const alone = createKeyedLock();
  // What is published belongs to nobody's request, and is no part of the transaction it comes from.
  const inOwnContext = AsyncLocalStorage.snapshot();
  const publish: Reconcile = (queue, signal) =>
    alone(queue, () => publishAll({ ...deps, isOptional }, rows, queue, signal));
  const never = new AbortController().signal;
  const direct = createKeyedQueue(PARALLEL_QUEUES, async (queue) => {
    try {
      await publish(queue, never);
    } catch (error) {
      deps.log.debug("messages are published later", { queue, error });
      await deps.wakeups.wakeNow(kind, queue).catch((cause: unknown) => deps.log.error("no wake-up", { queue, cause }));
    }
  });
  return {
    async add(transaction, messages) {
      if (messages.length === 0) return;
      const create_time_ms = deps.clock.nowMs();
      const made = messages.map(({ topic, agent, message }) => ({
        queue: `${agent} ${topic}`,
        message: toJsonString(PubsubMessageSchema, create(PubsubMessageSchema, message)),
        create_time_ms,
      }));
      await rows.insert(transaction, made);
      for (const queue of new Set(made.map(({ queue }) => queue))) {
        await deps.wakeups.wake(transaction, kind, queue, create_time_ms + CHECK_MS);
        transaction.afterCommit(() => inOwnContext(() => direct.add(queue)));
      }
    },
    reconcilers: { [kind]: publish },
    stop: () => direct.stop(),
  };
}

type PublishDeps = OutboxDeps & Required<Pick<OutboxOptions, "isOptional">>;

async function publishAll(deps: PublishDeps, rows: OutboxStore, queue: string, signal: AbortSignal) {
  for (;;) {
    const oldest = await rows.oldest(queue, BATCH);
    if (oldest.length === 0) return { settled: true as const };
    const batch = whatFits(oldest);
    if (signal.aborted) return { settled: false as const, retryInMs: 0 };
    await publishOrGiveUp(deps, queue, batch);
    await rows.delete(batch.map(({ id }) => id));
    // What comes later wakes this queue again.
    if (batch === oldest && batch.length < BATCH) return { settled: true as const };
  }
}

/** The first rows that Pub/Sub takes in one request; at least one. */
function whatFits(rows: readonly OutboxRow[]): readonly OutboxRow[] {
  let bytes = 0;
  const end = rows.findIndex(({ message }, index) => (bytes += message.length) > BATCH_BYTES && index > 0);
  return end < 0 ? rows : rows.slice(0, end);
}

/** Rejects when the batch has to be tried again. */
async function publishOrGiveUp(deps: PublishDeps, queue: string, batch: readonly OutboxRow[]): Promise<void> {
  const [agent, topic] = queue.split(" ") as [string, string];
  const publisher = deps.clients.of(Publisher, { kind: "serviceAgent", email: agent });
  try {
    await publisher.publish({ topic, messages: batch.map(messageOf) });
  } catch (error) {
    const isFinal = error instanceof ApiError && FINAL_CODES.includes(error.code);
    // One message that Pub/Sub does not take must not cost the others.
    if (isFinal && batch.length > 1 && error.code === Code.INVALID_ARGUMENT) {
      for (const row of batch) await publishOrGiveUp(deps, queue, [row]);
      return;
    }
    const isOld = deps.clock.nowMs() - batch.at(-1)!.create_time_ms > GIVE_UP_MS;
    if (!isFinal && !isOld) throw error;
    if (deps.isOptional && isFinal && error.code === Code.NOT_FOUND) return;
    deps.log.warning("messages were not published", { topic, agent, messages: batch.length, error });
  }
}

function messageOf({ message }: OutboxRow): PubsubMessage {
  return fromJsonString(PubsubMessageSchema, message);
}
