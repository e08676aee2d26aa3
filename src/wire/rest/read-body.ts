import type { IncomingMessage } from "node:http";
import { invalidArgument } from "../errors.ts";

/** The whole request body; rejects with INVALID_ARGUMENT when it is larger than `limitBytes`. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw invalidArgument(`Request payload size exceeds the limit: ${limitBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
