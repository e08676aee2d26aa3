/** A google.api.http path template, ready to match paths. */
export interface PathTemplate {
  readonly pattern: RegExp;
  /** Field paths bound by the capture groups of `pattern`, in order, as written in the proto (snake_case, dotted). */
  readonly variables: readonly string[];
}

/**
 * Compiles a path template such as "/v2/{name=projects/*\/locations/*}:cancel".
 * Google: google/api/http.proto, "Path template syntax".
 */
export function compilePathTemplate(template: string): PathTemplate {
  const variables: string[] = [];
  const source = template.replaceAll(/\{([^=}]+)(?:=([^}]+))?\}|\*\*|\*|[^{}*]+/g, (part, variable, segments) => {
    if (part === "**") return ".+";
    if (part === "*") return "[^/:]+";
    if (!variable) return escape(part);
    variables.push(variable);
    return `(${segmentsPattern(segments ?? "*")})`;
  });
  return { pattern: new RegExp(`^${source}$`), variables };
}

/** Resource ids may hold a colon (image tags, "domain.com:project"), but a verb follows the last one. */
function segmentsPattern(segments: string): string {
  return segments.replaceAll(/\*\*|\*|[^*]+/g, (part) => {
    if (part === "**") return ".+?";
    return part === "*" ? "[^/]+?" : escape(part);
  });
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
