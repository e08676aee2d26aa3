/** The bytes of a request; empty for one without a body. */
export async function* bodyOf(request: Request): AsyncIterable<Uint8Array> {
  if (request.body) yield* request.body as unknown as AsyncIterable<Uint8Array>;
}

/** The whole text of a small request; rejects with what `tooLarge` makes when it is larger than `limitBytes`. */
export async function readText(request: Request, limitBytes: number, tooLarge: () => Error): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads what is left of a body that is refused, so that the client, still sending, gets to see the answer. */
export async function drain(request: Request): Promise<void> {
  if (!request.body || request.bodyUsed || request.body.locked) return;
  try {
    for await (const _ of bodyOf(request));
  } catch {
    // The client went away: nobody is left to answer.
  }
}
