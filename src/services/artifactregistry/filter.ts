import { invalidArgument } from "../../wire/errors.ts";
import { type Pattern, wildcards } from "../../wire/patterns.ts";

/** The fields a filter may name, as text; undefined for one that the item does not have. */
export type FieldOf<Item> = (item: Item, field: string) => string | undefined;

/**
 * A test by a list filter: field="value" terms joined by AND, case-insensitive, "*" for any characters.
 * Google: artifactregistry/v1/tag.proto, ListTagsRequest.filter, and the same in packages and versions.
 */
export function parseFilter<Item>(
  filter: string,
  fields: readonly string[],
  fieldOf: FieldOf<Item>,
): (item: Item) => boolean {
  if (filter.trim() === "") return () => true;
  const terms = filter.split(/\s+AND\s+/).map((term) => parseTerm(term.trim(), fields));
  return (item) => terms.every(({ field, pattern }) => pattern.matches(fieldOf(item, field) ?? ""));
}

function parseTerm(term: string, fields: readonly string[]): { field: string; pattern: Pattern } {
  const match = /^([a-z_A-Z]+)\s*=\s*(?:"([^"]*)"|([^\s"]+))$/.exec(term);
  const field = match?.[1] ?? "";
  if (!match || !fields.includes(field)) {
    const description = `Invalid filter: '${term}'. The fields that can be filtered by are: ${fields.join(", ")}.`;
    throw invalidArgument(description, [{ field: "filter", description }]);
  }
  return { field, pattern: wildcards(match[2] ?? match[3] ?? "", { ignoreCase: true }) };
}
