/** `$(body.a.b[0]['c'])`, also with the `$$` that keeps a dollar sign. */
const BINDING = /\$\$|\$\(\s*body((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']*'\]|\["[^"]*"\])*)\s*\)/g;
const SEGMENT = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g;

/**
 * The substitutions of a trigger for one event: `$(body.a.b[0])` in their values is replaced by what the payload holds
 * there, text as it is and all else as JSON; nothing when there is nothing.
 * Google: cloud.google.com/build/docs/configuring-builds/use-bash-and-bindings-in-substitutions, "Payload bindings".
 */
export function bindPayload(substitutions: Readonly<Record<string, string>>, body: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(substitutions).map(([key, value]) => [key, bind(value, body)]));
}

/** The body that bindings of a Pub/Sub push see: the message's data is decoded, and parsed when it is JSON. */
export function pubsubBody(push: unknown): unknown {
  const message = isObject(push) ? push["message"] : undefined;
  if (!isObject(push) || !isObject(message) || typeof message["data"] !== "string") return push;
  const text = Buffer.from(message["data"], "base64").toString();
  return { ...push, message: { ...message, data: parse(text) ?? text } };
}

function bind(template: string, body: unknown): string {
  return template.replaceAll(BINDING, (match: string, path?: string) =>
    // What comes from outside is no template itself.
    match === "$$" || path === undefined ? match : textOf(valueAt(body, path)).replaceAll("$", "$$$$"),
  );
}

function valueAt(body: unknown, path: string): unknown {
  let value: unknown = body;
  for (const [, name, index, single, double] of path.matchAll(SEGMENT)) {
    if (index !== undefined) value = Array.isArray(value) ? (value as unknown[])[Number(index)] : undefined;
    else {
      const key = name ?? single ?? double ?? "";
      value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }
  }
  return value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
