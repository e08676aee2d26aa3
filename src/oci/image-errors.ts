import { hostArchitecture } from "./manifest.ts";

/** The registry says that it has no such image. */
export class ImageNotFoundError extends Error {
  override readonly name = "ImageNotFoundError";
}

/** An image has no part for linux on this processor; the message is Cloud Run's. */
export class PlatformNotSupportedError extends Error {
  override readonly name = "PlatformNotSupportedError";

  constructor(mediaType: string) {
    super(`Container manifest type '${mediaType}' must support ${hostArchitecture()}/linux.`);
  }
}
