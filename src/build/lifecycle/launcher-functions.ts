/** Quotes a word for a POSIX shell. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_/.:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * run COMMAND ARGS: becomes the command. in_shell PROFILE COMMAND ARGS: one shell sources the profile scripts, and becomes
 * a second one for the command; a command without arguments is a script, otherwise each word is expanded by itself.
 */
export const inShellFunction: readonly string[] = [
  "run() {",
  '  command -v "$1" >/dev/null || { echo "ERROR: failed to launch: $1: command not found" >&2; exit 82; }',
  '  exec "$@"',
  "}",
  "in_shell() {",
  "  shell=/bin/sh; [ ! -x /bin/bash ] || shell=/bin/bash",
  "  script=$1; shift",
  '  if [ "$#" -eq 1 ]; then exec "$shell" -c "${script}exec $shell -c \\"\\$@\\"" "$0" "$1"; fi',
  `  words='"$(eval echo \\"$0\\")"'; word=1`,
  '  while [ "$word" -lt "$#" ]; do words="$words \\"\\$(eval echo \\\\\\"\\${$word}\\\\\\")\\""; word=$((word + 1)); done',
  '  exec "$shell" -c "${script}exec $shell -c \'exec $words\' \\"\\$@\\"" "$0" "$@"',
  "}",
];

/** exec_d FILE: reads NAME = "VALUE" lines from descriptor 3 of an executable and exports them. */
export const execDFunction: readonly string[] = [
  "exec_d() {",
  '  { exec_d_output=$("$1" 3>&1 1>&4) || exit 80; } 4>&1',
  "  while IFS= read -r exec_d_line; do",
  '    case "$exec_d_line" in \\#*) continue ;; *=*) ;; *) continue ;; esac',
  `    exec_d_name=$(printf '%s' "\${exec_d_line%%=*}" | tr -d ' \\t"')`,
  `    exec_d_value=$(printf '%s' "\${exec_d_line#*=}" | sed -e 's/^[[:space:]]*"//' -e 's/"[[:space:]]*$//' -e 's/\\\\"/"/g')`,
  // The mark keeps line ends at the end of the value.
  `    exec_d_value=$(printf '%b.' "$exec_d_value")`,
  `    export "$exec_d_name=\${exec_d_value%.}"`,
  "  done <<EXEC_D_END",
  "$exec_d_output",
  "EXEC_D_END",
  "}",
];
