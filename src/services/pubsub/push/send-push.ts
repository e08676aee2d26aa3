import type { PushConfig } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Outgoing } from "../../../wire/http/outgoing.ts";
import { OutgoingError } from "../../../wire/http/outgoing-request.ts";
import type { IdTokens } from "./id-tokens.ts";
import { pushContent } from "./push-request.ts";
import type { Pushed } from "./pushed-body.ts";

export interface SendPushDeps {
  readonly outgoing: Outgoing;
  readonly idTokens: IdTokens;
}

/** How an endpoint took a message. */
export interface PushResult {
  readonly acknowledged: boolean;
  /** HTTP status of the response; undefined when there was none. */
  readonly status: number | undefined;
  /** Why it failed; empty when it was acknowledged. */
  readonly detail: string;
  /** The trace that ingress put the request into, 32 hexadecimal digits; undefined for other endpoints. */
  readonly traceId: string | undefined;
}

/** Google: Pub/Sub, "Push subscriptions": these statuses acknowledge a message, all others ask for it again. */
const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);
const MAX_BODY_BYTES = 16 * 1024;
const MAX_DETAIL = 500;
const TRACE = /^[0-9a-f]{32}/;

/** POSTs a message to the endpoint of a push configuration; never rejects. */
export async function sendPush(
  deps: SendPushDeps,
  config: PushConfig,
  pushed: Pushed,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<PushResult> {
  try {
    const { headers, body } = pushContent(config, pushed);
    const authorization = await authorizationOf(deps.idTokens, config);
    const response = await deps.outgoing.send({
      ...limits,
      url: config.pushEndpoint,
      method: "POST",
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      body,
      maxBodyBytes: MAX_BODY_BYTES,
    });
    const acknowledged = ACKNOWLEDGING.has(response.status);
    const detail = acknowledged ? "" : response.body.subarray(0, MAX_DETAIL).toString();
    const traceId = TRACE.exec(String(response.headers["x-cloud-trace-context"]))?.[0];
    return { acknowledged, status: response.status, detail, traceId };
  } catch (error) {
    return failureOf(error);
  }
}

async function authorizationOf(idTokens: IdTokens, config: PushConfig): Promise<string | undefined> {
  const { authenticationMethod: method, pushEndpoint } = config;
  if (method.case !== "oidcToken" || method.value.serviceAccountEmail === "") return undefined;
  return `Bearer ${await idTokens.of(method.value.serviceAccountEmail, method.value.audience || pushEndpoint)}`;
}

/** An endpoint that said 102 and then no more has acknowledged, too. */
function failureOf(error: unknown): PushResult {
  const failure = (detail: string) => ({ acknowledged: false, status: undefined, detail, traceId: undefined });
  if (!(error instanceof OutgoingError)) return failure(String(error));
  const { interimStatus: status, kind, message } = error;
  if (status !== undefined && ACKNOWLEDGING.has(status) && kind !== "ABORTED")
    return { acknowledged: true, status, detail: "", traceId: undefined };
  return failure(`${kind}: ${message}`);
}
