/** Error codes of distribution-spec ("Error Codes"). */
export type RegistryErrorCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DIGEST_INVALID"
  | "MANIFEST_BLOB_UNKNOWN"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "UNAUTHORIZED"
  | "DENIED"
  | "UNSUPPORTED"
  | "TOOMANYREQUESTS";

/** An error that the registry answers with its status, its code and the given headers. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number;
  readonly code: RegistryErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: RegistryErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer to a failed request: the JSON error list of distribution-spec. */
export function errorResponse(error: RegistryError): Response {
  const body = JSON.stringify({ errors: [{ code: error.code, message: error.message }] });
  return new Response(body, {
    status: error.status,
    headers: {
      ...error.headers,
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
    },
  });
}

/** No credentials, or ones that are not valid: `challenge` is the WWW-Authenticate header that tells where to get some. */
export function unauthorized(challenge: string): RegistryError {
  return new RegistryError(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge });
}

/** Valid credentials without the permission. */
export function denied(message: string): RegistryError {
  return new RegistryError(403, "DENIED", message);
}

export function blobUnknown(digest: string): RegistryError {
  return new RegistryError(404, "BLOB_UNKNOWN", `blob unknown to registry: ${digest}`);
}

export function uploadUnknown(id: string): RegistryError {
  return new RegistryError(404, "BLOB_UPLOAD_UNKNOWN", `blob upload unknown to registry: ${id}`);
}

export function digestInvalid(message: string): RegistryError {
  return new RegistryError(400, "DIGEST_INVALID", message);
}

export function sizeInvalid(message: string): RegistryError {
  return new RegistryError(400, "SIZE_INVALID", message);
}

export function manifestUnknown(reference: string): RegistryError {
  return new RegistryError(404, "MANIFEST_UNKNOWN", `manifest unknown: ${reference}`);
}

export function manifestInvalid(message: string, status = 400): RegistryError {
  return new RegistryError(status, "MANIFEST_INVALID", message);
}

export function manifestBlobUnknown(digest: string): RegistryError {
  return new RegistryError(404, "MANIFEST_BLOB_UNKNOWN", `manifest refers to a blob unknown to registry: ${digest}`);
}

export function nameInvalid(name: string): RegistryError {
  return new RegistryError(400, "NAME_INVALID", `invalid repository name: ${name}`);
}

export function nameUnknown(name: string): RegistryError {
  return new RegistryError(404, "NAME_UNKNOWN", `repository name not known to registry: ${name}`);
}

export function unsupported(method: string): RegistryError {
  return new RegistryError(405, "UNSUPPORTED", `the operation is unsupported: ${method}`);
}
