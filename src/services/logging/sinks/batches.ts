import { Code } from "../../../gen/google/rpc/code_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { type BatchRow, type BatchStore, createBatchStore } from "./batches-store.ts";

/** Entries of one file. */
const FILE_ENTRIES = 1_000;
/** Bytes of one file; a larger entry has one of its own. */
const FILE_BYTES = 8 * 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;
/** What is written after its hour is collected for so long. */
const LATE_MS = 5 * 60 * 1000;
/** Most files of a log's hour that are there already. */
const MAX_FILES = 10_000;
/** Wake-up kind that writes files. */
const BATCH_KIND = "logging.batch";
/** What Cloud Storage says to a write that no later try makes right. */
const FINAL_CODES: readonly Code[] = [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT];

/** An entry on its way to a bucket. */
export interface BatchedEntry {
  readonly bucket: string;
  /** E-mail address of who writes it. */
  readonly agent: string;
  readonly logName: string;
  readonly timestampMs: number;
  readonly message: string;
}

/**
 * Entries that sinks export to buckets: a file for each log and hour, with an entry in each line, at least once.
 * Google: cloud.google.com/logging/docs/export/storage.
 */
export interface Batches {
  add(transaction: StoreTransaction, entries: readonly BatchedEntry[]): Promise<void>;
  readonly reconcilers: Readonly<Record<string, Reconcile>>;
}

/** What goes into one file. */
type Batch = readonly [bucket: string, agent: string, logId: string, hourMs: number];

type BatchDeps = Pick<ServiceDeps, "store" | "wakeups" | "clock" | "clients" | "log">;

export function createBatches(deps: BatchDeps): Batches {
  const { clock, wakeups } = deps;
  const rows = createBatchStore(deps.store);
  return {
    async add(transaction, entries) {
      if (entries.length === 0) return;
      const made = entries.map((entry) => ({ batch: JSON.stringify(batchOf(entry)), message: entry.message }));
      await rows.insert(transaction, made);
      for (const batch of new Set(made.map(({ batch }) => batch))) {
        const [, , , hourMs] = JSON.parse(batch) as Batch;
        await wakeups.wake(transaction, BATCH_KIND, batch, Math.max(hourMs + HOUR_MS, clock.nowMs() + LATE_MS));
      }
    },
    reconcilers: { [BATCH_KIND]: (batch, signal) => writeFiles(deps, rows, batch, signal) },
  };
}

function batchOf({ bucket, agent, logName, timestampMs }: BatchedEntry): Batch {
  const logId = decodeURIComponent(logName.slice(logName.indexOf("/logs/") + "/logs/".length));
  return [bucket, agent, logId, Math.floor(timestampMs / HOUR_MS) * HOUR_MS];
}

async function writeFiles(deps: BatchDeps, rows: BatchStore, key: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    const oldest = await rows.oldest(key, FILE_ENTRIES);
    if (oldest.length === 0) return { settled: true };
    if (signal.aborted) return { settled: false, retryInMs: 0 };
    const file = whatFits(oldest);
    const batch = JSON.parse(key) as Batch;
    try {
      await writeFile(deps, batch, file);
    } catch (error) {
      if (!(error instanceof ApiError) || !FINAL_CODES.includes(error.code)) throw error;
      deps.log.warning("log entries were not exported", { bucket: batch[0], entries: file.length, error });
    }
    await rows.delete(file.map(({ id }) => id));
  }
}

function whatFits(rows: readonly BatchRow[]): readonly BatchRow[] {
  let bytes = 0;
  const end = rows.findIndex(({ message }, index) => (bytes += message.length) > FILE_BYTES && index > 0);
  return end < 0 ? rows : rows.slice(0, end);
}

/** Writes the first file of the log's hour that is not there yet. */
async function writeFile({ clients }: BatchDeps, batch: Batch, rows: readonly BatchRow[]): Promise<void> {
  const [bucket, email] = batch;
  const storage = clients.of(Storage, { kind: "serviceAgent", email });
  const content = Buffer.from(rows.map(({ message }) => `${message}\n`).join(""));
  for (let number = 0; number < MAX_FILES; number++) {
    const resource = {
      name: fileName(batch, number),
      bucket: `projects/_/buckets/${bucket}`,
      contentType: "application/json",
    };
    try {
      await storage.writeObject(uploadOf(resource, content));
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== Code.FAILED_PRECONDITION) throw error;
    }
  }
}

async function* uploadOf(resource: { readonly name: string; readonly bucket: string }, content: Buffer) {
  const value = { resource, ifGenerationMatch: 0n };
  yield { firstMessage: { case: "writeObjectSpec" as const, value }, writeOffset: 0n };
  const data = { case: "checksummedData" as const, value: { content } };
  yield { writeOffset: 0n, data, finishWrite: true };
}

/** "run.googleapis.com/stdout/2026/11/21/10:00:00_10:59:59_S0.json"; what comes later is in files of their own. */
function fileName([, , logId, hourMs]: Batch, number: number): string {
  const [day = "", time = ""] = new Date(hourMs).toISOString().split("T");
  const hour = time.slice(0, 2);
  const shard = number === 0 ? "S0" : `A${number - 1}`;
  return `${logId}/${day.replaceAll("-", "/")}/${hour}:00:00_${hour}:59:59_${shard}.json`;
}
