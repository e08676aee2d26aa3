import type { Instance } from "../pool/instance.ts";
import type { Acquired, Lease } from "../pool/revision-pool.ts";
import type { ForwardEnd } from "./exchange.ts";
import * as pages from "./pages.ts";

/** The page for a request that got no instance. Google: Cloud Run, "Troubleshoot Cloud Run issues", serving errors. */
export function refusalPage(
  acquired: Exclude<Acquired, { readonly lease: Lease } | { readonly refusal: "REVISION_REMOVED" }>,
): pages.Page {
  switch (acquired.refusal) {
    case "AT_MAX_INSTANCES":
      return pages.noInstanceAtMaximum;
    case "NO_INSTANCE":
      return pages.noInstance;
    case "DISABLED":
      return pages.disabled;
    case "START_FAILED":
      return acquired.outcome.reason === "NOT_LISTENING" ? pages.notReady : pages.startFailed;
  }
}

/** The page for a request that its instance did not answer. */
export function failurePage(end: ForwardEnd, instance: Instance): pages.Page {
  if (end === "REQUEST_TOO_LARGE") return pages.requestTooLarge;
  if (end === "RESPONSE_TOO_LARGE") return pages.responseTooLarge;
  return instance.exit?.outOfMemory === true ? pages.outOfMemory : pages.connectionError;
}
