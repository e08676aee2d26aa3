import type { Clock } from "../../../platform/clock.ts";
import type { Tokens } from "../../../wire/credentials/tokens.ts";

/** Tokens are valid for an hour; one that is used has some minutes left. */
const USED_FOR_MS = 50 * 60_000;
const MAX_KEPT = 1_000;

/** ID tokens of service accounts, made once for many requests: a signature takes a millisecond. */
export interface IdTokens {
  /** A token of the account for the audience. */
  of(email: string, audience: string): Promise<string>;
}

export function createIdTokens({ tokens, clock }: { tokens: Pick<Tokens, "issueIdToken">; clock: Clock }): IdTokens {
  const kept = new Map<string, { readonly token: Promise<string>; readonly untilMs: number }>();
  return {
    of(email, audience) {
      const key = `${email} ${audience}`;
      const found = kept.get(key);
      if (found !== undefined && found.untilMs > clock.nowMs()) return found.token;
      kept.delete(key);
      const [oldest] = kept.keys();
      if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      const token = tokens.issueIdToken(email, audience);
      kept.set(key, { token, untilMs: clock.nowMs() + USED_FOR_MS });
      token.catch(() => kept.delete(key));
      return token;
    },
  };
}
