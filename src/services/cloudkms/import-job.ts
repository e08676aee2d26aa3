import { fromJsonString } from "@bufbuild/protobuf";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ImportJob,
  ImportJobSchema,
  ImportJob_ImportJobState as State,
} from "../../gen/google/cloud/kms/v1/resources_pb.js";
import type { ResourceRow } from "../../platform/store/resource-table.ts";

/** A job as the API answers it. */
export function importJobOf(row: ResourceRow): ImportJob {
  const job = fromJsonString(ImportJobSchema, row.message);
  return { ...job, name: row.name, createTime: timestampFromMs(row.createTimeMs) };
}

/** The job as expired: its key is gone, and nothing can be wrapped for it any more. */
export function expiredJob(job: ImportJob): ImportJob {
  const { publicKey: _key, ...rest } = job;
  return { ...rest, state: State.EXPIRED, expireEventTime: job.expireTime! };
}

/** Whether a job can be used now. */
export function isActive({ state, expireTime }: ImportJob, nowMs: number): boolean {
  return state === State.ACTIVE && nowMs < timestampMs(expireTime!);
}
