import type { Principal } from "../../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";

const JSON_API = "https://storage.googleapis.com";

/** A bucket, as its subscription's account sees it. Each call rejects with a BucketError when it is refused. */
export interface Bucket {
  /** Resolves when the bucket is there and may be looked at. */
  check(): Promise<void>;
  /** Makes an object; it is durable when this resolves. */
  write(name: string, contentType: string, content: Buffer): Promise<void>;
}

/** The answer to a refused call. */
export class BucketError extends Error {
  override name = "BucketError";
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The bucket of that name; `project` and `account` are the subscription's, and without an account its service agent writes. */
export function openBucket(
  { fetchInProcess }: Pick<ServiceDeps, "fetchInProcess">,
  bucket: string,
  { project, account }: { readonly project: string; readonly account: string },
): Bucket {
  const as: Principal =
    account === ""
      ? { kind: "serviceAgent", email: `service-${projectNumberOf(project)}@gcp-sa-pubsub.iam.gserviceaccount.com` }
      : { kind: "serviceAccount", email: account };
  const path = `storage/v1/b/${encodeURIComponent(bucket)}`;
  const call = async (request: Request) => {
    const response = await fetchInProcess(request, as);
    const text = await response.text();
    if (!response.ok) throw new BucketError(response.status, text);
  };
  return {
    check: () => call(new Request(`${JSON_API}/${path}`)),
    write(name, contentType, content) {
      const url = `${JSON_API}/upload/${path}/o?uploadType=media&name=${encodeURIComponent(name)}`;
      const headers = { "content-type": contentType };
      return call(new Request(url, { method: "POST", headers, body: new Uint8Array(content) }));
    },
  };
}
