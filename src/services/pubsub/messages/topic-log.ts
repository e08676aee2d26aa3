import type { Clock } from "../../../platform/clock.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { BinaryForm } from "./binary-form.ts";
import type { Committer } from "./committer.ts";
import { ROW_BYTES } from "./limits.ts";
import { rowOf } from "./storage/message-rows.ts";
import { joinMessages } from "./storage/payload.ts";
import type { RowCache } from "./storage/row-cache.ts";
import type { MessageRow, MessageStore } from "./storage/store.ts";

/** The messages of one topic: they only ever get more at the end. */
export interface TopicLog {
  readonly id: number;
  /** Full name; empty once the topic is deleted. */
  topic: string;
  /** How long the topic itself keeps messages, ms; 0: not at all. */
  retentionMs: number;
  /** Number of the first message that is not published yet. */
  readonly end: number;
  /** Resolves with the number of the first of these messages once they are durable. */
  publish(messages: readonly BinaryForm[]): Promise<number>;
}

export interface TopicLogDeps {
  readonly store: MessageStore;
  readonly committer: Committer;
  readonly cache: RowCache;
  readonly clock: Clock;
  /** There are more messages. */
  readonly onPublished: (log: TopicLog) => void;
}

interface Request {
  readonly messages: readonly BinaryForm[];
  readonly resolve: (first: number) => void;
  readonly reject: (error: unknown) => void;
}

/** The log `id`, whose next message has the number `end`. */
export function createTopicLog(
  deps: TopicLogDeps,
  start: Pick<TopicLog, "id" | "topic" | "retentionMs" | "end">,
): TopicLog {
  let { end } = start;
  /** False after a commit that may have come through or not. */
  let isEndKnown = true;
  let lastTimeMs = 0;
  let gathering: Request[] | undefined;

  const log: TopicLog = {
    id: start.id,
    topic: start.topic,
    retentionMs: start.retentionMs,
    get end() {
      return end;
    },
    publish: (messages) =>
      new Promise((resolve, reject) => {
        const request = { messages, resolve, reject };
        if (gathering) gathering.push(request);
        else gather((gathering = [request]));
      }),
  };

  /** Commits what is asked for until the transaction begins, all together. */
  function gather(requests: Request[]): void {
    let written: { readonly rows: readonly MessageRow[]; readonly from: number } | undefined;
    const write = async (transaction: StoreTransaction) => {
      if (gathering === requests) gathering = undefined;
      const from = isEndKnown ? end : await deps.store.nextSeq(log.id, transaction);
      lastTimeMs = Math.max(lastTimeMs, deps.clock.nowMs());
      const rows = rowsOf(log.id, from, lastTimeMs, requests);
      for (const row of rows) await deps.store.insertRow(transaction, row);
      written = { rows, from };
    };
    deps.committer.commit({ write }).then(
      () => finish(requests, written!),
      (error: unknown) => {
        if (gathering === requests) gathering = undefined;
        isEndKnown = false;
        for (const { reject } of requests) reject(error);
      },
    );
  }

  function finish(
    requests: readonly Request[],
    { rows, from }: { readonly rows: readonly MessageRow[]; readonly from: number },
  ): void {
    end = rows.at(-1)!.last_seq + 1;
    isEndKnown = true;
    for (const row of rows) deps.cache.add(rowOf(row));
    let first = from;
    for (const { messages, resolve } of requests) {
      resolve(first);
      first += messages.length;
    }
    deps.onPublished(log);
  }

  return log;
}

/** Messages in rows of about the same size. */
function rowsOf(log: number, from: number, publishTimeMs: number, requests: readonly Request[]): MessageRow[] {
  const rows: MessageRow[] = [];
  let messages: BinaryForm[] = [];
  let [first, bytes] = [from, 0];
  const close = () => {
    if (messages.length === 0) return;
    const payload = joinMessages(messages, bytes);
    const last = first + messages.length - 1;
    rows.push({
      log,
      first_seq: first,
      last_seq: last,
      publish_time_ms: publishTimeMs,
      size: payload.length,
      payload,
    });
    [first, bytes, messages] = [last + 1, 0, []];
  };
  for (const request of requests) {
    for (const message of request.messages) {
      messages.push(message);
      bytes += message.length;
      if (bytes >= ROW_BYTES) close();
    }
  }
  close();
  return rows;
}
