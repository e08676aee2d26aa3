import { compareVersions } from "./version.ts";

/** One package in a relationship field, for example "libc6 (>= 2.38)" (Debian policy, section 7.1). */
export interface Relation {
  readonly name: string;
  readonly operator?: "<<" | "<=" | "=" | ">=" | ">>";
  readonly version?: string;
}

/** Parses a relationship field into groups; of each group one alternative is needed. */
export function parseRelations(field: string): Relation[][] {
  return field
    .split(",")
    .filter((group) => group.trim() !== "")
    .map((group) => group.split("|").map(parseRelation));
}

/** Whether a package of this version satisfies the relation's version part. */
export function satisfies(version: string, relation: Relation): boolean {
  if (relation.operator === undefined || relation.version === undefined) return true;
  const order = compareVersions(version, relation.version);
  switch (relation.operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

function parseRelation(text: string): Relation {
  const match = /^\s*([a-z0-9][a-z0-9.+-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?/.exec(
    text,
  );
  if (!match) throw new TypeError(`malformed package relation: ${text}`);
  const [, name, operator, version] = match;
  if (operator === undefined || version === undefined) return { name: name! };
  // "<" and ">" are old spellings of "<=" and ">=".
  const modern = operator === "<" ? "<=" : operator === ">" ? ">=" : (operator as NonNullable<Relation["operator"]>);
  return { name: name!, operator: modern, version };
}
