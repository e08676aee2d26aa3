import type { Any } from "@bufbuild/protobuf/wkt";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { ExecutionSchema } from "../../../../gen/google/cloud/run/v2/execution_pb.js";
import { JobSchema } from "../../../../gen/google/cloud/run/v2/job_pb.js";
import type { RunContext } from "../../context.ts";
import { executionToKnative } from "./execution.ts";
import { jobToKnative } from "./job.ts";

/** The response of an operation on a job or execution as v1 has it: {} once that is gone; undefined for anything else. */
export async function jobOperationResponse({ jobs }: RunContext, response: Any): Promise<object | undefined> {
  const job = anyUnpack(response, JobSchema);
  if (job) {
    const stored = await jobs.getJob(job.name);
    return stored ? { "@type": "type.googleapis.com/google.cloud.run.v1.Job", ...jobToKnative(stored) } : {};
  }
  const execution = anyUnpack(response, ExecutionSchema);
  if (!execution) return undefined;
  const stored = await jobs.getExecution(execution.name);
  return stored ? { "@type": "type.googleapis.com/google.cloud.run.v1.Execution", ...executionToKnative(stored) } : {};
}
