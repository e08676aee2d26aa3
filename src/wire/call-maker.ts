import type { Ids } from "../platform/ids.ts";
import type { Call } from "./call.ts";
import type { Principal } from "./credentials/principal.ts";

/** What a transport knows of a request before anybody looked at its credential. */
export interface IncomingCall {
  /** Value of the Authorization header, if any. */
  readonly authorization: string | undefined;
  readonly origin: string;
  readonly callerIp: string;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** Turns an incoming request into a Call; rejects with UNAUTHENTICATED when its credential is not valid. */
export type CallMaker = (incoming: IncomingCall) => Promise<Call>;

/** Tells who calls, by credential and address; rejects with UNAUTHENTICATED when a credential is not valid. */
export type Authenticate = (authorization: string | undefined, callerIp: string) => Promise<Principal>;

/** The one place where calls get their principal and request id. */
export function createCallMaker(authenticate: Authenticate, ids: Ids): CallMaker {
  return async ({ authorization, origin, callerIp, userAgent, signal }) => ({
    principal: await authenticate(authorization, callerIp),
    requestId: ids.uuid(),
    origin,
    callerIp,
    userAgent,
    signal,
  });
}
