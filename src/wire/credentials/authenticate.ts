import { BlockList, isIP } from "node:net";
import { unauthenticated } from "../errors.ts";
import type { Authenticate } from "../call-maker.ts";
import type { Principal } from "./principal.ts";
import type { TokenOwner, Tokens } from "./tokens.ts";

/**
 * Tells callers by their bearer token. Without one, a caller on this machine is its owner, so that nothing stands in a
 * developer's way; anybody else, instances and builds included, is anonymous. A token that is not ours is refused.
 */
export function createAuthenticate(tokens: Tokens): Authenticate {
  return async (authorization, callerIp) => {
    const bearer = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    // gcloud without credentials of its own still sends the header in some commands.
    if (bearer === undefined || bearer === "None") return { kind: isLoopback(callerIp) ? "owner" : "anonymous" };
    const owner = (await tokens.verifyAccessToken(bearer)) ?? (await tokens.verifyIdToken(bearer));
    if (!owner) throw unauthenticated("ACCESS_TOKEN_INVALID");
    return principalOf(owner);
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return isIP(plain) !== 0 && LOOPBACK.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/** The principal that a verified token stands for. */
export function principalOf({ email }: TokenOwner): Principal {
  return { kind: email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user", email };
}
