import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { principalEmail } from "../credentials/principal.ts";
import type { Interceptor } from "../dispatch.ts";
import { toApiError } from "../status.ts";

/** One log line per call; unexpected errors stop here and are logged once, with their cause. */
export function logCalls(log: Log, clock: Clock): Interceptor {
  return async (invocation, next) => {
    const startMs = clock.nowMs();
    const describe = (code: Code) => ({
      method: `${invocation.method.parent.typeName}.${invocation.method.name}`,
      code: Code[code],
      principal: principalEmail(invocation.call.principal),
      requestId: invocation.call.requestId,
      latencyMs: clock.nowMs() - startMs,
    });
    try {
      const answer = await next(invocation);
      log.debug("call", describe(Code.OK));
      return answer;
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code === Code.INTERNAL) log.error("call failed", { ...describe(error.code), cause: error.cause });
      else log.debug("call refused", { ...describe(error.code), message: error.message });
      throw error;
    }
  };
}
