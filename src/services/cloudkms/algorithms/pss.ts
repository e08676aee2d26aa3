import { constants, createHash, type KeyObject, privateEncrypt, randomBytes } from "node:crypto";

/**
 * An RSASSA-PSS signature of a digest that was made elsewhere, with a salt as long as the digest; Node.js itself signs
 * data only. RFC 8017, sections 8.1.1 and 9.1.1.
 */
export function signPss(key: KeyObject, hash: "sha256" | "sha512", digest: Buffer): Buffer {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength;
  if (modulusBits === undefined) throw new TypeError("not an RSA key");
  const encoded = encode(digest, hash, modulusBits - 1);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

function encode(digest: Buffer, hash: string, encodedBits: number): Buffer {
  const salt = randomBytes(digest.length);
  const length = Math.ceil(encodedBits / 8);
  const sealed = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.alloc(length - sealed.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  const masked = xor(block, mask(sealed, block.length, hash));
  // The number must stay below the modulus: the bits beyond its size are cleared.
  masked[0] = masked[0]! & (0xff >> (8 * length - encodedBits));
  return Buffer.concat([masked, sealed, Buffer.from([0xbc])]);
}

/** MGF1. RFC 8017, appendix B.2.1. */
function mask(seed: Buffer, length: number, hash: string): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, made = 0; made < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(number).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(one: Buffer, other: Buffer): Buffer {
  return one.map((byte, index) => byte ^ other[index]!) as Buffer;
}
