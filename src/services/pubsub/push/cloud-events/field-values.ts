/** Whether a text can be sent as the value of an HTTP header and arrive as it is: printable ASCII that no blank begins or ends. */
export function isFieldValue(text: string): boolean {
  return /^([!-~]([ -~]*[!-~])?)?$/.test(text);
}

/**
 * The value of a header for an attribute of an event. What does not fit into ASCII is percent-encoded. CloudEvents 1.0.2,
 * HTTP protocol binding, section 3.1.3.2.
 */
export function fieldValue(text: string): string {
  if (isFieldValue(text)) return text;
  return text.replaceAll(/[^!#-$&-~]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}
