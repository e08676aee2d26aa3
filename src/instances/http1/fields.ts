/** Header fields as a flat list: name, value, name, value. Bytes outside ASCII stand as latin1. */
export type Fields = readonly string[];

/** One field line, and nothing that two readers could understand differently: no folding, no blank before the colon. */
const FIELD_LINE = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)\r\n/y;

/**
 * The field lines of `text` from `start` to its end, which is just after the last line's CRLF. Undefined when one is not
 * as RFC 9112, section 5, has it: obsolete folding, a bare CR or LF, a control character, blanks in a name.
 */
export function parseFields(text: string, start: number): string[] | undefined {
  const fields: string[] = [];
  let position = start;
  while (position < text.length) {
    FIELD_LINE.lastIndex = position;
    const match = FIELD_LINE.exec(text);
    if (match === null) return undefined;
    fields.push(match[1]!, withoutBlanks(match[2]!));
    position = FIELD_LINE.lastIndex;
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

function withoutBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB;
}
