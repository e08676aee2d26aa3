/** Header fields as a flat list: name, value, name, value. Bytes outside ASCII stand as latin1. */
export type Fields = readonly string[];

/** Field lines, and nothing that two readers could understand differently: no folding, no blank before the colon. */
const FIELD_LINES = /(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/y;

/**
 * The field lines of `text` from `start` to its end, which is just after the last line's CRLF. Undefined when one is not
 * as RFC 9112, section 5, has it: obsolete folding, a bare CR or LF, a control character, blanks in a name.
 */
export function parseFields(text: string, start: number): string[] | undefined {
  FIELD_LINES.lastIndex = start;
  if (!FIELD_LINES.test(text)) return undefined;
  // They are as they must be: colon and CRLF are where they are found first.
  const fields: string[] = [];
  for (let position = start; position < text.length;) {
    const colon = text.indexOf(":", position);
    const end = text.indexOf("\r", colon);
    fields.push(text.slice(position, colon), valueBetween(text, colon + 1, end));
    position = end + 2;
  }
  return fields;
}

/** The fields as lines, each with its CRLF. */
export function formatFields(fields: Fields): string {
  let text = "";
  for (let n = 0; n < fields.length; n += 2) text += `${fields[n]}: ${fields[n + 1]}\r\n`;
  return text;
}

const TAB = 9;
const BLANK = 32;

function valueBetween(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB;
}
