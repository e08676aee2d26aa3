import { invalidArgument } from "../../../wire/errors.ts";

export type Labels = Readonly<Record<string, string>>;
/** Whether an object with these labels is selected. */
export type LabelSelector = (labels: Labels) => boolean;

/**
 * Parses a Kubernetes label selector: "a=b", "a==b", "a!=b", "a in (b,c)", "a notin (b)", "a", "!a", joined by commas.
 * INVALID_ARGUMENT for anything else.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = splitOutsideParentheses(text).map((part) => parseRequirement(part.trim(), text));
  return (labels) => requirements.every((selects) => selects(labels));
}

function parseRequirement(part: string, whole: string): LabelSelector {
  if (part === "") return () => true;
  const [, key, operator, value] = /^([^\s=!()]+)\s*(==|=|!=)\s*([^\s=!()]*)$/.exec(part) ?? [];
  if (key !== undefined) {
    const isNegative = operator === "!=";
    return (labels) => (labels[key] === value) !== isNegative;
  }
  const [, setKey, setOperator, list] = /^([^\s=!()]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(part) ?? [];
  if (setKey !== undefined) {
    const values = list!.split(",").map((each) => each.trim());
    const isNegative = setOperator === "notin";
    return (labels) => isIn(labels[setKey], values) !== isNegative;
  }
  const [, not, existing] = /^(!?)\s*([^\s=!()]+)$/.exec(part) ?? [];
  if (existing === undefined) throw invalidSelector(whole);
  return (labels) => Object.hasOwn(labels, existing) !== (not === "!");
}

function isIn(value: string | undefined, values: readonly string[]): boolean {
  return value !== undefined && values.includes(value);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}

function invalidSelector(text: string) {
  const description = `Invalid label selector: '${text}'.`;
  return invalidArgument(description, [{ field: "labelSelector", description }]);
}
