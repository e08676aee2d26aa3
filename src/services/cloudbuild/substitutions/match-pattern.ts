/** A pattern of the shell: `*`, `?`, `[a-z]`, `[!a-z]`, `\` before a literal character; one element for each. */
export type Pattern = readonly Element[];

/** True and false for a character that is matched or not; "star" stands for any text. */
type Element = "star" | ((char: string) => boolean);

/** A part of a list of characters, from `start` to before `end`. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/** Reads a pattern; any text is one. */
export function parsePattern(pattern: string): Pattern {
  const tokens = pattern.matchAll(/\\([\s\S])|(\*)|(\?)|\[([!^]?)((?:\]|[^\]])[^\]]*)\]|([\s\S])/gu);
  return [...tokens].map(([, escaped, star, any, negation, set, literal]) => {
    if (star !== undefined) return "star";
    if (any !== undefined) return () => true;
    if (set !== undefined) return setOf(set, negation !== "");
    return (char) => char === (escaped ?? literal);
  });
}

/** How many characters the shortest and the longest matching beginning have; undefined when none matches. */
export function matchingPrefix(pattern: Pattern, chars: readonly string[]) {
  let states = withStars(pattern, new Map([[0, 0]]));
  let shortest: number | undefined;
  let longest: number | undefined;
  for (let length = 0; ; length++) {
    if (states.has(pattern.length)) {
      shortest ??= length;
      longest = length;
    }
    const char = chars[length];
    if (char === undefined || states.size === 0) break;
    states = withStars(pattern, step(pattern, states, char));
  }
  return shortest === undefined || longest === undefined ? undefined : { shortest, longest };
}

/** The same at the end of the text. */
export function matchingSuffix(pattern: Pattern, chars: readonly string[]) {
  return matchingPrefix(pattern.toReversed(), chars.toReversed());
}

/**
 * The first match from `from` on that is not empty, as long as it can be. One pass over the text finds it, whatever the
 * pattern: states that meet go on as the one that began first.
 */
export function findMatch(pattern: Pattern, chars: readonly string[], from: number): Match | undefined {
  let states = new Map<number, number>();
  let best: Match | undefined;
  for (let at = from; ; at++) {
    if (!best && !states.has(0)) states.set(0, at);
    states = withStars(pattern, states);
    const start = states.get(pattern.length);
    if (start !== undefined && start < at && (!best || start <= best.start)) best = { start, end: at };
    if (best) forgetLater(states, best.start);
    const char = chars[at];
    if (char === undefined || (best && states.size === 0)) return best;
    states = step(pattern, states, char);
  }
}

function forgetLater(states: Map<number, number>, start: number): void {
  for (const [state, began] of states) if (began > start) states.delete(state);
}

function step(pattern: Pattern, states: ReadonlyMap<number, number>, char: string): Map<number, number> {
  const next = new Map<number, number>();
  for (const [state, start] of states) {
    const element = pattern[state];
    if (element === "star") keepFirst(next, state, start);
    else if (element?.(char)) keepFirst(next, state + 1, start);
  }
  return next;
}

/** A star may match nothing. */
function withStars(pattern: Pattern, states: Map<number, number>): Map<number, number> {
  for (const [state, element] of pattern.entries()) {
    const start = element === "star" ? states.get(state) : undefined;
    if (start !== undefined) keepFirst(states, state + 1, start);
  }
  return states;
}

function keepFirst(states: Map<number, number>, state: number, start: number): void {
  states.set(state, Math.min(start, states.get(state) ?? start));
}

function setOf(set: string, isNegated: boolean): (char: string) => boolean {
  const ranges = [...set.matchAll(/([\s\S])-([\s\S])|([\s\S])/gu)].map(([, from, to, one]) => [from ?? one, to ?? one]);
  return (char) => ranges.some(([from, to]) => from! <= char && char <= to!) !== isNegated;
}
