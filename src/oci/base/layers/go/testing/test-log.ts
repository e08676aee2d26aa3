import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { recordHash } from "../transparency-log.ts";

/** A checksum database of a few records, with a key of its own. */
export interface TestLog {
  /** GOSUMDB, without a URL. */
  readonly gosumdb: string;
  /** Adds a record and resolves with its number. */
  add(text: string): number;
  /** The signed head of the first records, all unless told. */
  head(size?: number): string;
  /** The tile at a path as tile/8/0/000.p/3; of the records there are. */
  tile(path: string): Buffer | undefined;
}

interface TestKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Makes a log; `name` is whom the signatures name. */
export function createTestLog(name: string, keys: TestKeys = generateKeyPairSync("ed25519")): TestLog {
  const { publicKey, privateKey } = keys;
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = Buffer.concat([Uint8Array.of(1), raw]);
  const id = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4);
  const leaves: Buffer[] = [];
  return {
    gosumdb: `${name}+${id.toString("hex")}+${key.toString("base64")}`,
    add: (text) => leaves.push(recordHash(Buffer.from(text))) - 1,
    head(size = leaves.length) {
      const text = `go.sum database tree\n${size}\n${treeHash(leaves.slice(0, size)).toString("base64")}\n`;
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString("base64");
      return `${text}\n\u2014 ${name} ${signature}\n`;
    },
    tile(path) {
      const [, level, index, partial] = /^tile\/8\/(\d)\/(\d{3})(?:\.p\/(\d+))?$/.exec(path) ?? [];
      if (level === undefined) return undefined;
      const span = 256 ** Number(level);
      const first = Number(index) * 256;
      const hashes = Array.from({ length: Number(partial ?? 256) }, (_, offset) =>
        treeHash(leaves.slice((first + offset) * span, (first + offset + 1) * span)),
      );
      return Buffer.concat(hashes);
    },
  };
}

/** RFC 6962, section 2.1. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length <= 1) return leaves[0] ?? createHash("sha256").digest();
  let middle = 1;
  while (middle * 2 < leaves.length) middle *= 2;
  const parts = [treeHash(leaves.slice(0, middle)), treeHash(leaves.slice(middle))];
  return createHash("sha256")
    .update(Buffer.concat([Uint8Array.of(1), ...parts]))
    .digest();
}
