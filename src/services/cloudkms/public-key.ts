/** SubjectPublicKeyInfo DER as PEM, with lines of 64 characters. RFC 7468, section 13. */
export function publicKeyPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}
