/** One request to send. */
export interface OutgoingRequest {
  /** http or https; a fragment is not sent. */
  readonly url: string;
  readonly method: string;
  /**
   * Names and values must be valid; a list is sent as several fields. Host is the URL's, and fields about the connection
   * or the length are left out.
   */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | undefined;
  /** For everything: connecting, sending, and reading the whole response. */
  readonly timeoutMs: number;
  /** How much of the response's body is kept; the rest is never read. 64 KiB by default. */
  readonly maxBodyBytes?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

/** A final response. */
export interface OutgoingResponse {
  /** 200 or more. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Whether there was more than `maxBodyBytes`. */
  readonly truncated: boolean;
}

/**
 * Why there is no response: the URL is MALFORMED, its host FORBIDDEN, time ran out (TIMEOUT), the caller gave up (ABORTED),
 * nobody could be connected to (UNREACHABLE), or the connection broke or spoke no proper HTTP (BROKEN).
 */
export type OutgoingErrorKind = "MALFORMED" | "FORBIDDEN" | "TIMEOUT" | "ABORTED" | "UNREACHABLE" | "BROKEN";

/** No final response came. The message is fit for users: it holds no secrets. */
export class OutgoingError extends Error {
  override name = "OutgoingError";
  readonly kind: OutgoingErrorKind;
  /** Status of the last interim response that came, such as 102; undefined when there was none. */
  readonly interimStatus: number | undefined;

  constructor(kind: OutgoingErrorKind, message: string, options: { interimStatus?: number | undefined } = {}) {
    super(message);
    this.kind = kind;
    this.interimStatus = options.interimStatus;
  }
}
