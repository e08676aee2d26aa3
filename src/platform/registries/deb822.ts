/** One stanza of a deb822 file: values by lower-case field name, continuation lines joined by line ends. */
export type Stanza = ReadonlyMap<string, string>;

/** Parses the deb822 format (deb822(5)): stanzas between empty lines, "Name: value", continuation lines, # comments. */
export function parseDeb822(text: string): Stanza[] {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);
}

/** Parses a single stanza. */
export function parseStanza(text: string): Stanza {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("#") || line.trim() === "") continue;
    if (/^[ \t]/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ""}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    name = line.slice(0, colon).toLowerCase();
    fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
