const PLAIN = /^[\w@%+=:,./-]+$/;

/** A homerun command for the user to type into a shell: through npm where homerun was started so, as in a clone. */
export function commandLine(...args: readonly string[]): string {
  const program = process.env["npm_lifecycle_event"] === "homerun" ? "npm run -s homerun --" : "homerun";
  return [program, ...args.map((word) => (PLAIN.test(word) ? word : shellQuoted(word)))].join(" ");
}

/** The text as one word of a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
