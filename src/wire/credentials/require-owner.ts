import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError, unauthenticated } from "../errors.ts";
import type { Principal } from "./principal.ts";

/** Rejects everybody but the machine's owner: for what concerns the server itself, which no role of a project covers. */
export function requireOwner({ kind }: Principal): void {
  if (kind === "owner") return;
  if (kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
  throw new ApiError(Code.PERMISSION_DENIED, "Only the owner of the machine that homerun runs on may do this.");
}
