import { constants } from "node:fs";
import { type AttributeChanges, type FileSystem, FsError } from "./file-system.ts";
import { OPCODE, SETATTR } from "./protocol.ts";
import { attributesReply, directoryReply, entryReply, Fields, openReply, statfsReply, writeReply } from "./wire.ts";

/** renameat2(2): fail when the target exists. */
const RENAME_NOREPLACE = 1;
/** fallocate(2): the size stays. */
const FALLOC_FL_KEEP_SIZE = 1;

type Reply = Uint8Array | undefined;
type Handler = (fileSystem: FileSystem, node: number, fields: Fields) => Reply | Promise<Reply>;

/** How each operation is read, done and answered; what is not here is refused with ENOSYS. */
const HANDLERS: Readonly<Record<number, Handler>> = {
  [OPCODE.LOOKUP]: async (fs, node, fields) => entryReply(await fs.lookup(node, fields.text())),
  [OPCODE.GETATTR]: async (fs, node) => attributesReply(await fs.getAttributes(node)),
  [OPCODE.SETATTR]: async (fs, node, fields) => {
    const changes = readChanges(fields);
    return attributesReply(await has(fs, "setAttributes")(node, changes));
  },
  [OPCODE.READLINK]: async (fs, node) => Buffer.from(await has(fs, "readLink")(node)),
  [OPCODE.SYMLINK]: async (fs, node, fields) => {
    const name = fields.text();
    return entryReply(await has(fs, "symlink")(node, name, fields.text()));
  },
  [OPCODE.MKNOD]: async (fs, node, fields) => {
    if ((fields.u32() & constants.S_IFMT) !== constants.S_IFREG) throw new FsError("EPERM");
    return entryReply(await has(fs, "makeFile")(node, fields.skip(12).text()));
  },
  [OPCODE.MKDIR]: async (fs, node, fields) => entryReply(await has(fs, "makeDirectory")(node, fields.skip(8).text())),
  [OPCODE.UNLINK]: async (fs, node, fields) => {
    await has(fs, "unlink")(node, fields.text());
    return undefined;
  },
  [OPCODE.RMDIR]: async (fs, node, fields) => {
    await has(fs, "removeDirectory")(node, fields.text());
    return undefined;
  },
  [OPCODE.RENAME]: (fs, node, fields) => rename(fs, node, fields, fields.u64(), 0),
  [OPCODE.RENAME2]: (fs, node, fields) => {
    const parent = fields.u64();
    const flags = fields.u32();
    return rename(fs, node, fields.skip(4), parent, flags);
  },
  [OPCODE.OPEN]: async (fs, node, fields) => openReply(await fs.open(node, fields.u32())),
  [OPCODE.CREATE]: async (fs, node, fields) => {
    const flags = fields.u32();
    const created = await has(fs, "create")(node, fields.skip(12).text(), flags);
    return Buffer.concat([entryReply(created.attributes), openReply(created)]);
  },
  [OPCODE.READ]: (fs, _, fields) => fs.read(fields.u64(), fields.u64(), fields.u32()),
  [OPCODE.WRITE]: async (fs, _, fields) => {
    const handle = fields.u64();
    const offset = fields.u64();
    const size = fields.u32();
    await has(fs, "write")(handle, offset, fields.skip(20).bytes(size));
    return writeReply(size);
  },
  [OPCODE.FLUSH]: async (fs, _, fields) => {
    await has(fs, "flush")(fields.u64());
    return undefined;
  },
  [OPCODE.FSYNC]: async (fs, _, fields) => {
    await has(fs, "sync")(fields.u64());
    return undefined;
  },
  [OPCODE.RELEASE]: async (fs, _, fields) => {
    await fs.release(fields.u64());
    return undefined;
  },
  [OPCODE.OPENDIR]: async (fs, node) => openReply({ handle: await fs.openDirectory(node) }),
  [OPCODE.READDIR]: async (fs, _, fields) => {
    const [handle, position, size] = [fields.u64(), fields.u64(), fields.u32()];
    return directoryReply(await fs.readDirectory(handle, position), position, size);
  },
  [OPCODE.RELEASEDIR]: (fs, _, fields) => {
    fs.releaseDirectory(fields.u64());
    return undefined;
  },
  [OPCODE.FSYNCDIR]: () => undefined,
  [OPCODE.STATFS]: () => statfsReply(),
  [OPCODE.FALLOCATE]: async (fs, _, fields) => {
    const [handle, offset, length, mode] = [fields.u64(), fields.u64(), fields.u64(), fields.u32()];
    if (mode !== 0 && mode !== FALLOC_FL_KEEP_SIZE) throw new FsError("EOPNOTSUPP");
    if (mode === 0) await has(fs, "allocate")(handle, offset + length);
    return undefined;
  },
};

/** Does what a request asks for and resolves with the body of the reply. Rejects with FsError, or whatever went wrong. */
export async function answerRequest(
  fileSystem: FileSystem,
  opcode: number,
  node: number,
  body: Buffer,
): Promise<Reply> {
  const handler = HANDLERS[opcode];
  if (handler === undefined) throw new FsError("ENOSYS");
  return handler(fileSystem, node, new Fields(body));
}

/** Forgets what FORGET or BATCH_FORGET names; neither is answered. */
export function forget(fileSystem: FileSystem, opcode: number, node: number, body: Buffer): void {
  const fields = new Fields(body);
  if (opcode === OPCODE.FORGET) return fileSystem.forget(node, fields.u64());
  const count = fields.u32();
  fields.skip(4);
  for (let left = count; left > 0; left--) fileSystem.forget(fields.u64(), fields.u64());
}

async function rename(fs: FileSystem, node: number, fields: Fields, parent: number, flags: number): Promise<Reply> {
  if ((flags & ~RENAME_NOREPLACE) !== 0) throw new FsError("EINVAL");
  const from = { parent: node, name: fields.text() };
  await has(fs, "rename")(from, { parent, name: fields.text() }, { replace: flags === 0 });
  return undefined;
}

function readChanges(fields: Fields): AttributeChanges {
  const valid = fields.u32();
  const handle = fields.skip(4).u64();
  const size = fields.u64();
  const mtimeSeconds = fields.skip(16).u64();
  const mtimeNanoseconds = fields.skip(12).u32();
  return {
    ...(valid & SETATTR.FH && { handle }),
    ...(valid & SETATTR.SIZE && { size }),
    ...(valid & SETATTR.MTIME && {
      mtimeMs: valid & SETATTR.MTIME_NOW ? ("now" as const) : mtimeSeconds * 1000 + mtimeNanoseconds / 1e6,
    }),
  };
}

function has<Name extends keyof FileSystem>(fileSystem: FileSystem, name: Name): NonNullable<FileSystem[Name]> {
  const method = fileSystem[name];
  if (method === undefined) throw new FsError("ENOSYS");
  return method;
}
