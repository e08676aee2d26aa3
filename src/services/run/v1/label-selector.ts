import { invalidArgument } from "../../../wire/errors.ts";

export type Labels = Readonly<Record<string, string>>;
/** Whether an object with these labels is selected. */
export type LabelSelector = (labels: Labels) => boolean;

const PREFIX = String.raw`(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?`;
const WORD = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?`;
const KEY = new RegExp(`^${PREFIX}${WORD}$`);
const VALUE = new RegExp(`^(?:${WORD})?$`);
const TOKEN = /\s*(==|!=|<|>|[=!(),]|[^\s=!<>(),]+)/y;
const SIGNS = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"];

/**
 * Parses a Kubernetes label selector: "a=b", "a==b", "a!=b", "a in (b,c)", "a notin (b)", "a", "!a", "a>1", "a<1", joined
 * by commas. INVALID_ARGUMENT for anything else. Kubernetes: labels and selectors; apimachinery, labels.Parse.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokensOf(text);
  const requirements: LabelSelector[] = [];
  while (tokens.length > 0) {
    requirements.push(readRequirement(tokens, text));
    if (tokens.length > 0 && (tokens.shift() !== "," || tokens.length === 0)) throw invalidSelector(text);
  }
  return (labels) => requirements.every((selects) => selects(labels));
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const rest = text.trimEnd();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < rest.length;) {
    const found = TOKEN.exec(rest);
    if (!found) throw invalidSelector(text);
    tokens.push(found[1]!);
  }
  return tokens;
}

function readRequirement(tokens: string[], text: string): LabelSelector {
  const isNegative = tokens[0] === "!";
  if (isNegative) tokens.shift();
  const key = tokens.shift() ?? "";
  if (!KEY.test(key)) throw invalidSelector(text);
  const exists = (labels: Labels) => Object.hasOwn(labels, key) !== isNegative;
  if (isNegative || tokens.length === 0 || tokens[0] === ",") return exists;
  return readOperation(key, tokens, text);
}

function readOperation(key: string, tokens: string[], text: string): LabelSelector {
  const operator = tokens.shift()!;
  if (operator === "in" || operator === "notin") {
    const values = readValues(tokens, text);
    const isIn = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key]!);
    return (labels) => isIn(labels) !== (operator === "notin");
  }
  const value = tokens.length === 0 || tokens[0] === "," ? "" : tokens.shift()!;
  if (!VALUE.test(value)) throw invalidSelector(text);
  if (operator === "=" || operator === "==") return (labels) => labels[key] === value;
  if (operator === "!=") return (labels) => labels[key] !== value;
  if (operator !== "<" && operator !== ">") throw invalidSelector(text);
  const bound = integerOf(value);
  if (bound === undefined) throw invalidSelector(text);
  return (labels) => {
    const number = integerOf(labels[key] ?? "");
    return number !== undefined && (operator === "<" ? number < bound : number > bound);
  };
}

/** "(a, b)"; "()" and an empty place stand for the empty value, as for Kubernetes. */
function readValues(tokens: string[], text: string): string[] {
  if (tokens.shift() !== "(") throw invalidSelector(text);
  const values: string[] = [""];
  for (;;) {
    const token = tokens.shift();
    if (token === ")") return values;
    if (token === ",") values.push("");
    else if (token === undefined || SIGNS.includes(token) || values.at(-1) !== "" || !VALUE.test(token)) {
      throw invalidSelector(text);
    } else values[values.length - 1] = token;
  }
}

function integerOf(text: string): bigint | undefined {
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}

function invalidSelector(text: string) {
  const description = `Invalid label selector: '${text}'.`;
  return invalidArgument(description, [{ field: "labelSelector", description }]);
}
