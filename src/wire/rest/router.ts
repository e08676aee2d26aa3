import type { HttpBinding } from "./http-rules.ts";

export interface RestMatch {
  readonly binding: HttpBinding;
  /** Decoded values of binding.path.variables, in order. */
  readonly values: readonly string[];
}

/** Finds the binding of a request; `path` is percent-encoded, without query. */
export type RestRouter = (verb: string, path: string) => RestMatch | undefined;

/** A router over bindings; where several match, the first one given wins, so put specific ones first. */
export function createRestRouter(bindings: readonly HttpBinding[]): RestRouter {
  const byVerb = Map.groupBy([...bindings].sort(bySpecificity), (binding) => binding.verb);
  return (verb, path) => {
    for (const binding of byVerb.get(verb) ?? []) {
      const match = binding.path.pattern.exec(path);
      if (match) return { binding, values: match.slice(1).map(decodePathValue) };
    }
    return undefined;
  };
}

/** Custom verbs (":cancel") go before plain resources, whose last segment would swallow them. */
function bySpecificity(a: HttpBinding, b: HttpBinding): number {
  return Number(b.path.pattern.source.includes(":")) - Number(a.path.pattern.source.includes(":"));
}

function decodePathValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
