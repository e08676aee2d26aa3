import { unauthenticated } from "../errors.ts";
import type { Authenticate } from "../call-maker.ts";
import type { Principal } from "./principal.ts";
import type { TokenOwner, Tokens } from "./tokens.ts";

/**
 * Tells callers by their bearer token. Without one the caller is the machine's owner: the API listens on loopback, and
 * nothing stands in a developer's way there. A token that is not ours is refused, whoever sends it.
 */
export function createAuthenticate(tokens: Tokens): Authenticate {
  return async (authorization) => {
    const bearer = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    // gcloud without credentials of its own still sends the header in some commands.
    if (bearer === undefined || bearer === "None") return { kind: "owner" };
    const owner = (await tokens.verifyAccessToken(bearer)) ?? (await tokens.verifyIdToken(bearer));
    if (!owner) throw unauthenticated("ACCESS_TOKEN_INVALID");
    return principalOf(owner);
  };
}

/** The principal that a verified token stands for. */
export function principalOf({ email }: TokenOwner): Principal {
  return { kind: email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user", email };
}
