import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  type CloudStorageConfig,
  CloudStorageConfig_State as State,
  type Subscription,
} from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Clock } from "../../../platform/clock.ts";
import type { Ids } from "../../../platform/ids.ts";
import type { Log } from "../../../platform/log.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { Deliveries, LeasedMessage } from "../messages/engine.ts";
import type { AvroFormatDeps } from "./avro-format.ts";
import { type Bucket, BucketError, openBucket } from "./bucket.ts";
import { fileFormatOf } from "./file-format.ts";
import { objectName } from "./object-name.ts";
import { SchemaMismatch } from "./schema-mismatch.ts";

export interface BucketWriterDeps extends AvroFormatDeps, Pick<ServiceDeps, "fetchInProcess"> {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Writes down whether the subscription can write, when that changes. */
  readonly setState: (subscription: string, state: State) => Promise<void>;
}

/** Files are made in memory, and end at this size. Google: a file may be begun "earlier than configured". */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_FILE_MESSAGES = 50_000;
const MAX_LEASE = 1_000;
const DEFAULT_DURATION_MS = 300_000;
/** Leases outlive the file that they are written to. */
const LEASE_MARGIN_SECONDS = 60;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const OWNER = "cloud-storage";

/** Writes the messages of one subscription to files in a bucket, and acknowledges those whose file is there. */
export class BucketWriter {
  readonly #deps: BucketWriterDeps;
  readonly #deliveries: Deliveries;
  #subscription: Subscription;
  #isStopped = false;
  #interrupt = new AbortController();
  #failures = 0;
  #state: State | undefined;

  constructor(deps: BucketWriterDeps, deliveries: Deliveries, subscription: Subscription) {
    this.#deps = deps;
    this.#deliveries = deliveries;
    this.#subscription = subscription;
    void this.#run();
  }

  /** Counts for the next file; the one that is being filled ends. */
  update(subscription: Subscription): void {
    this.#subscription = subscription;
    this.#failures = 0;
    this.#interrupt.abort();
  }

  /** What is not in a file yet comes again. */
  stop(): void {
    this.#isStopped = true;
    this.#interrupt.abort();
    this.#deliveries.release(OWNER);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#interrupt = new AbortController();
      const subscription = this.#subscription;
      const config = subscription.cloudStorageConfig!;
      let leased: readonly LeasedMessage[] = [];
      try {
        const bucket = this.#bucketOf(config);
        await bucket.check();
        await this.#became(State.ACTIVE);
        leased = await this.#fill(config, this.#interrupt.signal);
        if (!this.#isStopped && leased.length > 0) await this.#write(subscription, config, bucket, leased);
        this.#failures = 0;
      } catch (error) {
        if (this.#isStopped) return;
        await this.#failed(error, leased);
      }
    }
  }

  #bucketOf({ bucket, serviceAccountEmail: account }: CloudStorageConfig): Bucket {
    const project = this.#subscription.name.split("/")[1]!;
    return openBucket(this.#deps, bucket, { project, account });
  }

  /** Waits for messages, and takes more until the file is full or its time is over. */
  async #fill(config: CloudStorageConfig, interrupted: AbortSignal): Promise<readonly LeasedMessage[]> {
    const lifeMs = config.maxDuration === undefined ? DEFAULT_DURATION_MS : durationMs(config.maxDuration);
    const maxBytes = Math.min(MAX_FILE_BYTES, Number(config.maxBytes) || MAX_FILE_BYTES);
    const maxMessages = Math.min(MAX_FILE_MESSAGES, Number(config.maxMessages) || MAX_FILE_MESSAGES);
    const over = new AbortController();
    const signal = AbortSignal.any([interrupted, over.signal]);
    const taken: LeasedMessage[] = [];
    let bytes = 0;
    let timer: Disposable | undefined;
    while (bytes < maxBytes && taken.length < maxMessages && !signal.aborted) {
      const some = await this.#deliveries.lease(
        {
          maxMessages: Math.min(MAX_LEASE, maxMessages - taken.length),
          maxBytes: maxBytes - bytes,
          ackDeadlineSeconds: Math.ceil(lifeMs / 1000) + LEASE_MARGIN_SECONDS,
          owner: OWNER,
        },
        signal,
      );
      taken.push(...some);
      for (const { message } of some) bytes += message.data.length;
      if (taken.length > 0) timer ??= this.#deps.clock.after(lifeMs, () => over.abort());
    }
    timer?.[Symbol.dispose]();
    return taken;
  }

  async #write(
    subscription: Subscription,
    config: CloudStorageConfig,
    bucket: Bucket,
    leased: readonly LeasedMessage[],
  ): Promise<void> {
    const format = await fileFormatOf(config, subscription, this.#deps);
    const encoded: unknown[] = [];
    const [fitting, others]: [string[], string[]] = [[], []];
    for (const { ackId, message } of leased) {
      const value = await format.encode(message);
      if (value === undefined) others.push(ackId);
      else {
        fitting.push(ackId);
        encoded.push(value);
      }
    }
    if (others.length > 0) await this.#deliveries.modifyAckDeadline(others, 0);
    if (fitting.length > 0) {
      const name = objectName(config, this.#deps.clock.nowMs(), this.#deps.ids.uuid());
      await bucket.write(name, format.contentType, await format.format(encoded));
      await this.#deliveries.acknowledge(fitting);
    }
    if (others.length > 0) throw new SchemaMismatch(`${others.length} messages do not conform to the topic's schema`);
  }

  /** Gives the messages back, and waits before the next try. */
  async #failed(cause: unknown, leased: readonly LeasedMessage[]): Promise<void> {
    const { name: subscription } = this.#subscription;
    this.#deps.log.warning("messages could not be written to Cloud Storage", { subscription, cause });
    await this.#became(stateAfter(cause));
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    const ackIds = leased.map(({ ackId }) => ackId);
    if (ackIds.length > 0) await this.#deliveries.modifyAckDeadline(ackIds, 0).catch(() => {});
    await this.#deps.clock.sleep(pauseMs, this.#interrupt.signal).catch(() => {});
  }

  async #became(state: State | undefined): Promise<void> {
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    await this.#deps.setState(this.#subscription.name, state).catch((error: unknown) => {
      this.#state = undefined;
      this.#deps.log.warning("the state of a subscription could not be written", { error });
    });
  }
}

/** Undefined for what is nothing about bucket or schema. */
function stateAfter(error: unknown): State | undefined {
  if (error instanceof SchemaMismatch) return State.SCHEMA_MISMATCH;
  if (!(error instanceof BucketError)) return undefined;
  if (error.status === 404) return State.NOT_FOUND;
  return error.status === 401 || error.status === 403 ? State.PERMISSION_DENIED : undefined;
}
