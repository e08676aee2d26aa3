/** An event of CloudEvents 1.0, as it was published. */
export interface PublishedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Optional and extension attributes but datacontenttype, by name in lower case, in their canonical text. */
  readonly attributes: Readonly<Record<string, string>>;
  /** datacontenttype; "" where none is given. */
  readonly contentType: string;
  readonly data: Uint8Array;
}
