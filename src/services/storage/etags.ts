/** The etag of an object as Google writes it: base64 of a message with generation and metageneration in fields 1 and 2. */
export function objectEtag(generation: bigint, metageneration: bigint): string {
  return Buffer.from([0x08, ...varint(generation), 0x10, ...varint(metageneration)]).toString("base64");
}

/** The etag of a bucket as Google writes it ("CAE="): base64 of a message with the metageneration in field 1. */
export function bucketEtag(metageneration: bigint): string {
  return Buffer.from([0x08, ...varint(metageneration)]).toString("base64");
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
