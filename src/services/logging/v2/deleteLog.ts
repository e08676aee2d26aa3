import { LoggingServiceV2 } from "../../../gen/google/logging/v2/logging_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { LoggingContext } from "../module.ts";

/** Deletes all entries of a log. */
export const deleteLog = ({ store }: LoggingContext) =>
  rpc(
    LoggingServiceV2.method.deleteLog,
    { permission: "logging.logs.delete", audit: "ADMIN_WRITE" },
    async ({ logName }) => {
      await store.deleteLog(logName);
      return {};
    },
  );
