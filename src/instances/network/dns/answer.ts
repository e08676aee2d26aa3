import type { Clock } from "../../../platform/clock.ts";
import { askResolver, type Protocol } from "./ask-resolver.ts";
import type { HostNames } from "./host-names.ts";
import { FORMERR, formatAnswer, formatFailure, parseQuery, SERVFAIL } from "./message.ts";

const MAX_FORWARDED_AT_ONCE = 1000;

export interface AnswererDeps {
  readonly addressOf: (name: string) => string | undefined;
  readonly hostNames: HostNames;
  readonly clock: Clock;
}

/** Answers a DNS message that came by `protocol`; undefined when it deserves no answer. Never rejects. */
export type Answerer = (query: Buffer, protocol: Protocol) => Promise<Buffer | undefined>;

/** Names that `addressOf` or the host's file knows are answered here, the others by the first resolver that does. */
export function createAnswerer({ addressOf, hostNames, clock }: AnswererDeps): Answerer {
  let forwarded = 0;

  async function forward(query: Buffer, protocol: Protocol): Promise<Buffer | undefined> {
    if (forwarded >= MAX_FORWARDED_AT_ONCE) return formatFailure(query, SERVFAIL);
    forwarded++;
    try {
      for (const resolver of await hostNames.resolvers()) {
        const response = await askResolver(query, resolver, protocol, clock).catch(() => undefined);
        if (response) return response;
      }
      return formatFailure(query, SERVFAIL);
    } finally {
      forwarded--;
    }
  }

  return async (query, protocol) => {
    const question = parseQuery(query);
    if (!question) return formatFailure(query, FORMERR);
    const own = addressOf(question.name);
    if (own !== undefined) return formatAnswer(query, question, [own]);
    const fixed = await hostNames.fixedAddresses(question.name);
    return fixed.length > 0 ? formatAnswer(query, question, fixed) : forward(query, protocol);
  };
}
