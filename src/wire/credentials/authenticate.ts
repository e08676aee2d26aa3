import { unauthenticated } from "../errors.ts";
import type { Authenticate } from "../call-maker.ts";
import { isLoopback } from "../http/loopback.ts";
import { OWNER_EMAIL, type Principal } from "./principal.ts";
import type { TokenOwner, Tokens } from "./tokens.ts";

/**
 * Tells callers by their access token. Without one, a caller on this machine is its owner, so that nothing stands in a
 * developer's way; anybody else, instances, builds and web pages in a browser included, is anonymous. A token that is not
 * ours is refused, and so is an ID token: it was made for somebody else, who must not be able to pass it on.
 */
export function createAuthenticate(tokens: Tokens): Authenticate {
  return async ({ authorization, callerIp, isFromForeignPage = false }) => {
    const bearer = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    // gcloud without credentials of its own still sends the header in some commands.
    if (bearer === undefined || bearer === "None")
      return { kind: isLoopback(callerIp) && !isFromForeignPage ? "owner" : "anonymous" };
    const owner = await tokens.verifyAccessToken(bearer);
    if (!owner) throw unauthenticated("ACCESS_TOKEN_INVALID");
    return principalOf(owner);
  };
}

/** The principal that a verified token stands for. */
export function principalOf({ email }: TokenOwner): Principal {
  if (email === OWNER_EMAIL) return { kind: "owner" };
  return { kind: email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user", email };
}
