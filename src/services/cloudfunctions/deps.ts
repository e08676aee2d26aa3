import type { UrlSigner } from "../../wire/credentials/signed-urls/url-signer.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { FunctionTable } from "./store.ts";

/** What Cloud Functions needs of the rest of the server. */
export interface CloudFunctionsDeps extends Pick<
  ServiceDeps,
  "store" | "wakeups" | "clock" | "ids" | "log" | "operations" | "policies" | "clients"
> {
  /** Signs upload and download URLs in the name of the service agent. */
  readonly urlSigner: UrlSigner;
  /** Which version of its runtime an image (by digest) was built on; "" where the image does not say. */
  readonly runtimeVersionOf: (image: string) => Promise<string>;
}

/** What the parts of the service share. */
export interface Deps extends CloudFunctionsDeps {
  readonly functions: FunctionTable;
}

/** The wake-up kind of functions; keys are full names. */
export const FUNCTION_KIND = "cloudfunctions.function";
/** The wake-up kind of uploaded archives; keys are BUCKET/OBJECT. */
export const UPLOAD_KIND = "cloudfunctions.upload";
