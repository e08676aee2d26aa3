const NUMBERS = String.raw`\d{1,2}`;
const MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT";
/** What one value is in each of the five fields. */
const VALUES = [NUMBERS, NUMBERS, NUMBERS, `${NUMBERS}|${MONTHS}`, `${NUMBERS}|${DAYS}`];
const FIELDS = VALUES.map((value) => {
  const part = String.raw`(?:\*|(?:${value})-(?:${value}))(?:/\d+)?|(?:${value})`;
  return new RegExp(`^(?:${part})(?:,(?:${part}))*$`, "i");
});

/**
 * The text when it has the form of unix-cron as Google takes it: five fields of *, numbers or names, ranges, steps of ranges, and
 * lists of these. Undefined for all else, nicknames and the extensions of other crons included.
 */
export function cronPattern(text: string): string | undefined {
  const fields = text.split(" ");
  const isCron = fields.length === FIELDS.length && FIELDS.every((field, index) => field.test(fields[index]!));
  return isCron ? text.toUpperCase() : undefined;
}
