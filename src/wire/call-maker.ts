import type { Ids } from "../platform/ids.ts";
import type { Call } from "./call.ts";
import type { Principal } from "./credentials/principal.ts";

/** What a transport knows of a request before anybody looked at its credential. */
export interface IncomingCall {
  /** Value of the Authorization header, if any. */
  readonly authorization: string | undefined;
  readonly origin: string;
  readonly callerIp: string;
  /** A web page of another origin may be behind the request; absent where browsers cannot come from, as by gRPC. */
  readonly isFromForeignPage?: boolean;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** Turns an incoming request into a Call; rejects with UNAUTHENTICATED when its credential is not valid. */
export type CallMaker = (incoming: IncomingCall) => Promise<Call>;

/** Tells who calls, by credential and address; rejects with UNAUTHENTICATED when a credential is not valid. */
export type Authenticate = (
  incoming: Pick<IncomingCall, "authorization" | "callerIp" | "isFromForeignPage">,
) => Promise<Principal>;

/** The one place where calls get their principal and request id. */
export function createCallMaker(authenticate: Authenticate, ids: Ids): CallMaker {
  return async (incoming) => {
    const { origin, callerIp, userAgent, signal } = incoming;
    return { principal: await authenticate(incoming), requestId: ids.uuid(), origin, callerIp, userAgent, signal };
  };
}
