/** Tags of PubsubMessage (google/pubsub/v1/pubsub.proto). */
const [DATA, ATTRIBUTES, MESSAGE_ID, PUBLISH_TIME, ORDERING_KEY] = [1, 2, 3, 4, 5];
const LENGTH_DELIMITED = 2;

/** One field of a message in binary form; for what has no length (numbers), `start` and `end` enclose the value. */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Where the tag begins. */
  readonly tagStart: number;
  readonly start: number;
  readonly end: number;
}

/** Calls `visit` for each field of a message in binary form. Throws a RangeError when it is not well-formed. */
export function visitFields(bytes: Uint8Array, visit: (field: Field) => void, from = 0, to = bytes.length): void {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= to) throw new RangeError("truncated message");
      const byte = bytes[at++]!;
      // Beyond 2^53 nothing is a length; what is a number is not looked at.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("varint too long");
  };
  while (at < to) {
    const tagStart = at;
    const tag = varint();
    const wireType = tag & 7;
    let start = at;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = varint();
      start = at;
      at += length;
    } else throw new RangeError("unknown wire type");
    if (at > to) throw new RangeError("truncated message");
    visit({ number: Math.floor(tag / 8), wireType, tagStart, start, end: at });
  }
}

/** The ordering key of a PubsubMessage in binary form. */
export function orderingKeyOf(message: Buffer): string {
  let key = "";
  visitFields(message, ({ number, start, end }) => {
    if (number === ORDERING_KEY) key = message.toString("utf8", start, end);
  });
  return key;
}

/** The attributes of a PubsubMessage in binary form. */
export function attributesOf(message: Buffer): Record<string, string> {
  const attributes: Record<string, string> = {};
  visitFields(message, ({ number, start, end }) => {
    if (number !== ATTRIBUTES) return;
    let [key, value] = ["", ""];
    const entry = (field: Field) => {
      const text = message.toString("utf8", field.start, field.end);
      if (field.number === 1) key = text;
      else if (field.number === 2) value = text;
    };
    visitFields(message, entry, start, end);
    attributes[key] = value;
  });
  return attributes;
}

/** Fields of a PubsubMessage that count when it is delivered, without those that only the server may write. */
export function isPublisherField(number: number): boolean {
  return number === DATA || number === ATTRIBUTES || number === ORDERING_KEY;
}

/** What the server adds to a message in binary form: its id and when it was published (ms). Fields may stand in any order. */
export function serverFields(messageId: string, publishTimeMs: number): Buffer {
  const time = timestamp(publishTimeMs);
  const id = Buffer.from(messageId, "latin1");
  return Buffer.concat([
    Buffer.from([(MESSAGE_ID << 3) | LENGTH_DELIMITED, id.length]),
    id,
    Buffer.from([(PUBLISH_TIME << 3) | LENGTH_DELIMITED, time.length]),
    time,
  ]);
}

/** A google.protobuf.Timestamp in binary form. */
function timestamp(ms: number): Buffer {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round(ms - seconds * 1000) * 1_000_000;
  return Buffer.from([0x08, ...varint(seconds), ...(nanos === 0 ? [] : [0x10, ...varint(nanos)])]);
}

/** The bytes of a varint, of a number up to 2^53. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  while (value >= 0x80) {
    bytes.push((value % 0x80) | 0x80);
    value = Math.floor(value / 0x80);
  }
  bytes.push(value);
  return bytes;
}
