/** Compares two Debian package versions (deb-version(7)): negative, zero or positive as with Array.sort. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(":");
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon < 0 ? "" : version.slice(0, colon),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

function compareParts(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== "" || right !== "") {
    const [leftText, rightText] = [/^\D*/.exec(left)![0], /^\D*/.exec(right)![0]];
    const byText = compareText(leftText, rightText);
    if (byText !== 0) return byText;
    [left, right] = [left.slice(leftText.length), right.slice(rightText.length)];
    const [leftDigits, rightDigits] = [/^\d*/.exec(left)![0], /^\d*/.exec(right)![0]];
    const byNumber = compareNumbers(leftDigits, rightDigits);
    if (byNumber !== 0) return byNumber;
    [left, right] = [left.slice(leftDigits.length), right.slice(rightDigits.length)];
  }
  return 0;
}

/** Digits as numbers, however long they are; none are 0. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}

function compareText(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = weight(a[at]) - weight(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(character: string | undefined): number {
  // A tilde sorts before the end of a part, letters before everything else.
  if (character === undefined) return 0;
  if (character === "~") return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}
