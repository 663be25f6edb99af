import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';

/** Unpacked, a workbook may not be larger than this: some 600,000 rows. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** A part for every sheet, picture and comment: no workbook of rows has so many. */
export const MAX_PARTS = 10_000;

/** Why an archive can't be read; as a sentence. */
export class PartsError extends Error {
  override readonly name = 'PartsError';
}

/** Nothing is unpacked beyond what the archive's own list says, which is summed up before anything is unpacked. */
export class WorkbookParts {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws {PartsError} for what is no archive, a damaged or an excessive one */
  static async open(bytes: Buffer): Promise<WorkbookParts> {
    const zip = await orDamaged(fromBufferPromise(bytes, { lazyEntries: true, decodeStrings: false }));
    if (zip.entryCount > MAX_PARTS)
      throw new PartsError(`this workbook has ${zip.entryCount} parts, over ${MAX_PARTS}: ${AS_CSV}`);
    const entries = new Map<string, Entry>();
    let unpacked = 0;
    const each = zip.eachEntry();
    for (let next = await orDamaged(each.next()); next.done !== true; next = await orDamaged(each.next())) {
      const name = keyOf(next.value.fileNameRaw.toString());
      // Which of two is meant, every program decides for itself.
      if (entries.has(name)) throw damaged();
      entries.set(name, next.value);
      unpacked += next.value.uncompressedSize;
      if (unpacked > MAX_UNPACKED_BYTES)
        throw new PartsError(`this workbook is over 128 MiB when it is unpacked: ${AS_CSV}`);
    }
    return new WorkbookParts(zip, entries);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(keyOf(name));
  }

  /** The bytes of a part, piece by piece. @throws {PartsError} */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(keyOf(name));
    if (entry === undefined) throw damaged();
    if (entry.isEncrypted())
      throw new PartsError('this workbook is an archive under a password: take the password off, and save it again');
    if (!entry.canDecodeFileData()) {
      throw new PartsError(
        `this workbook is packed in a way that is not read here (method ${entry.compressionMethod}): open it in Excel and save it again`,
      );
    }
    const stream = await orDamaged(this.#zip.openReadStreamPromise(entry));
    let sum = 0;
    // A stream of the library, which knows no encoding, gives Buffers.
    const pieces = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    try {
      for (let next = await orDamaged(pieces.next()); next.done !== true; next = await orDamaged(pieces.next())) {
        sum = crc32(next.value, sum);
        yield next.value;
      }
    } finally {
      stream.destroy();
    }
    if (sum !== entry.crc32) throw damaged();
  }

  /** A part as a whole, where it is expected to be small. @throws {PartsError} */
  async readWhole(name: string, most = MAX_SMALL_PART): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of this.read(name)) {
      pieces.push(piece);
      length += piece.length;
      if (length > most) throw new PartsError(`this workbook has a part ${name} that is far too large: ${AS_CSV}`);
    }
    return Buffer.concat(pieces);
  }
}

const MAX_SMALL_PART = 16 * 1024 * 1024;

export const AS_CSV = 'save the sheet as "CSV UTF-8", which can have any size';

export function damaged(): PartsError {
  return new PartsError('this is no Excel workbook, or a damaged one: open it in Excel and save it again');
}

/** Names don't differ by case alone, and some programs write those of Windows. */
function keyOf(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

/** The library's errors are texts without a code, and all of them speak of the bytes. */
async function orDamaged<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch {
    throw damaged();
  }
}
