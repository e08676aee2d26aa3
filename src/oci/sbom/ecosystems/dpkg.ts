import { type Component, packageUrl } from "../component.ts";

/** The installed packages of a dpkg status file. */
export function dpkgComponents(status: string, distribution: string, codename: string): Component[] {
  return status.split(/\n\n+/).flatMap((paragraph) => {
    const fields = new Map(
      paragraph.split("\n").flatMap((line) => {
        const match = /^([A-Za-z-]+): (.*)$/.exec(line);
        return match ? [[match[1]!.toLowerCase(), match[2]!] as const] : [];
      }),
    );
    const [name, version] = [fields.get("package"), fields.get("version")];
    if (!name || !version || !fields.get("status")?.endsWith(" installed")) return [];
    const arch = fields.get("architecture") ?? "";
    const qualifiers = { ...(arch && { arch }), ...(codename && { distro: codename }) };
    return [
      { type: "library" as const, name, version, purl: packageUrl("deb", distribution, name, version, qualifiers) },
    ];
  });
}
