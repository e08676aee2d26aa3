import { invalidValue } from "../errors.ts";
import type { Uploads, UploadStatus } from "../uploads/uploads.ts";
import { checksumsOfHeaders } from "./checksum-headers.ts";
import { bodyOf } from "./request-body.ts";

/** Takes the chunk of a request by its Content-Range. Google: cloud.google.com/storage/docs/performing-resumable-uploads. */
export async function takeChunk(uploads: Uploads, request: Request, id: string): Promise<UploadStatus> {
  const content = bodyOf(request);
  const checksums = checksumsOfHeaders(request.headers);
  const header = request.headers.get("content-range");
  if (header === null) return uploads.append(id, { offset: 0, content, last: true, checksums });
  // "bytes 0-*/*" is content whose size its sender does not know: it ends with the body.
  const match = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header);
  if (!match) throw invalidValue(`Invalid Content-Range: ${header}`, "Content-Range");
  const totalSize = match[3] === "*" ? undefined : Number(match[3]);
  if (match[1] !== undefined) {
    const last = match[2] === "*";
    return uploads.append(id, { offset: Number(match[1]), content, totalSize, last, checksums });
  }
  const status = await uploads.status(id);
  if ("object" in status || status.persistedSize !== totalSize) return status;
  // Everything has arrived, and only now the client says that this is all.
  return uploads.append(id, { offset: totalSize, content, totalSize, checksums });
}

/** The answer to an upload that is not complete. */
export function incompleteUpload(persistedSize: number): Response {
  const headers = new Headers({ "content-length": "0" });
  if (persistedSize > 0) headers.set("range", `bytes=0-${persistedSize - 1}`);
  return new Response(null, { status: 308, headers });
}
