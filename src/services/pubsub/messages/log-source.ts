import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { type AttributesFilter, compileFilter } from "../filter/compile-filter.ts";
import type { MessageFacts, MessageSource } from "./delivery/types.ts";
import { attributesOf, orderingKeyOf } from "./message-bytes.ts";
import type { Row } from "./storage/message-rows.ts";
import type { RowCache } from "./storage/row-cache.ts";
import type { TopicLog } from "./topic-log.ts";

/** The messages of a log as one subscription sees them. */
export class LogSource implements MessageSource {
  readonly #cache: RowCache;
  readonly #log: TopicLog;
  #filter: AttributesFilter | undefined;
  #ordered = false;
  /** Where the last look was: the next one is nearly always there, too. */
  #row: Row | undefined;

  constructor(cache: RowCache, log: TopicLog, subscription: Subscription) {
    this.#cache = cache;
    this.#log = log;
    this.configure(subscription);
  }

  get end(): number {
    return this.#log.end;
  }

  configure({ filter, enableMessageOrdering }: Subscription): void {
    this.#filter = filter === "" ? undefined : compileFilter(filter);
    this.#ordered = enableMessageOrdering;
  }

  at(seq: number): MessageFacts | undefined {
    const row = this.find(seq);
    if (!row) return undefined;
    const message = row.message(seq);
    const key = this.#ordered ? orderingKeyOf(message) : "";
    return { seq, bytes: message.length, key, matches: this.#filter?.(attributesOf(message)) ?? true };
  }

  find(seq: number): Row | undefined {
    if (this.#row && seq >= this.#row.first && seq < this.#row.end) return this.#row;
    return (this.#row = this.#cache.find(this.#log.id, seq));
  }

  /** Reads what `at` did not know; the first message there is from `seq` on, or the end. */
  async read(seq: number): Promise<number> {
    const { end } = this;
    const row = await this.#cache.read(this.#log.id, seq);
    if (row) this.#row = row;
    return row ? Math.max(seq, row.first) : end;
  }

  /** The row of one message; undefined when it is gone. */
  async readOne(seq: number): Promise<Row | undefined> {
    const row = await this.#cache.read(this.#log.id, seq);
    return row && row.first <= seq && seq < row.end ? row : undefined;
  }

  /** Keeps nothing in memory. */
  reset(): void {
    this.#row = undefined;
  }
}
