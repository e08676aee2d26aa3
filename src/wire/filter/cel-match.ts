import { type CelInput, celEnv, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";

/** Whether something with these attributes is meant; false also when the expression cannot be evaluated for it. */
export type CelMatch = (attributes: Readonly<Record<string, string>>) => boolean;

/** Keeps the parser within its stack. */
const MAX_EXPRESSION_LENGTH = 4_000;
const MOST_KEPT = 500;

const environment = celEnv({ funcs: [...strings] });
const kept = new Map<string, CelMatch>();

/**
 * Compiles a CEL expression over `message`, the attributes of an event by name; throws an Error that says where it does not
 * parse. Google: enrollment.proto, Enrollment.cel_match.
 */
export function compileCelMatch(expression: string): CelMatch {
  const known = kept.get(expression);
  if (known) return known;
  if (expression.length > MAX_EXPRESSION_LENGTH)
    throw new Error(`The expression has more than ${MAX_EXPRESSION_LENGTH} characters.`);
  const evaluate = plan(environment, parse(expression));
  const match: CelMatch = (attributes) =>
    evaluate({ message: new Map<string, CelInput>(Object.entries(attributes)) }) === true;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(expression, match);
  return match;
}
