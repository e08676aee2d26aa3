/** An event of CloudEvents 1.0. */
export interface CloudEvent {
  /** By name in lower case, specversion and extensions included. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly data: string | Uint8Array;
}
