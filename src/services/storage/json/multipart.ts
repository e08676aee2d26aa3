import { invalidValue } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/** The two parts of a multipart upload. */
export interface MultipartUpload {
  /** The first part, JSON. */
  readonly metadata: string;
  /** Content-Type of the second part; "" when it has none. */
  readonly contentType: string;
  /** The second part's bytes, streamed. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads a multipart/related body part by part. Takes what Google's clients send: boundaries in double, single or no
 * quotes, lines that end in CRLF or in bare LF (the same throughout a body).
 */
export async function readMultipart(contentType: string, body: AsyncIterable<Uint8Array>): Promise<MultipartUpload> {
  const boundary = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean);
  if (!boundary) throw invalidValue("Missing boundary in Content-Type of a multipart upload.");
  const input = new BufferedInput(body);
  const opening = await input.through(Buffer.from(`--${boundary}`), LIMITS.metadataBytes);
  if (!opening) throw malformed();
  const newline = Buffer.from((await input.line()).endsWith("\r") ? "\r\n" : "\n");
  await readHeaders(input);
  const delimiter = Buffer.concat([newline, Buffer.from(`--${boundary}`)]);
  const metadata = await input.through(delimiter, LIMITS.metadataBytes);
  if (!metadata) throw malformed();
  await input.line();
  const headers = await readHeaders(input);
  return {
    metadata: metadata.toString("utf8"),
    contentType: headers.get("content-type") ?? "",
    content: input.until(delimiter),
  };
}

async function readHeaders(input: BufferedInput): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  for (;;) {
    const line = (await input.line()).trim();
    if (line === "") return headers;
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

/** A body with the bytes that were read too far. However small its pieces are, no byte is copied or looked at often. */
class BufferedInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** Room for more behind what is there. */
  #buffer: Buffer = Buffer.alloc(0);
  #rest: Buffer = this.#buffer;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** The text up to the next LF, which is left out. */
  async line(): Promise<string> {
    const line = await this.through(Buffer.from("\n"), LIMITS.metadataBytes);
    if (!line) throw malformed();
    return line.toString("latin1");
  }

  /** The bytes before the next `mark`, which is left out; undefined when it does not come within `limit` bytes. */
  async through(mark: Buffer, limit: number): Promise<Buffer | undefined> {
    for (let from = 0; ;) {
      const at = this.#rest.indexOf(mark, from);
      if (at !== -1) {
        const before = this.#take(at);
        this.#take(mark.length);
        return before;
      }
      from = Math.max(0, this.#rest.length - mark.length + 1);
      if (this.#rest.length > limit || !(await this.#more())) return undefined;
    }
  }

  /** The bytes before the next `mark`, as they come; rejects when the body ends without it. Reads the body to its end. */
  async *until(mark: Buffer): AsyncIterable<Uint8Array> {
    for (;;) {
      const at = this.#rest.indexOf(mark);
      // What may be the beginning of the mark waits for more.
      const sure = at === -1 ? Math.max(0, this.#rest.length - mark.length + 1) : at;
      if (sure > 0) yield this.#take(sure);
      if (at !== -1) break;
      if (!(await this.#more())) throw malformed();
    }
    while (await this.#more()) this.#take(this.#rest.length);
  }

  /** Takes bytes out; they stay as they are. */
  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    const length = this.#rest.length + value.length;
    let start = this.#rest.byteOffset - this.#buffer.byteOffset;
    if (start + length > this.#buffer.length) {
      const roomy = Buffer.allocUnsafeSlow(2 * length);
      this.#rest.copy(roomy);
      [this.#buffer, start] = [roomy, 0];
    }
    this.#buffer.set(value, start + this.#rest.length);
    this.#rest = this.#buffer.subarray(start, start + length);
    return true;
  }
}

function malformed() {
  return invalidValue("Malformed multipart body.");
}
