import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** The header of a message of Jupyter's protocol 5.4. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A message as it comes from a client. */
export interface Message {
  /** Who is to have the reply. */
  identities: Buffer[];
  header: Header;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
}

/** What the kernel says. */
export interface Outgoing {
  identities: Uint8Array[];
  type: string;
  parent: Header | undefined;
  metadata?: Record<string, unknown>;
  content: unknown;
}

const DELIMITER = Buffer.from('<IDS|MSG>');
const VERSION = '5.4';

/** Messages as frames and back, signed with the key of the connection file. */
export class Wire {
  readonly #key: string;
  readonly #session = randomUUID();

  constructor(key: string) {
    this.#key = key;
  }

  /** @returns undefined for frames that are no message, or not signed with our key */
  read(frames: Buffer[]): Message | undefined {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0 || frames.length < at + 6) return undefined;
    const parts = frames.slice(at + 2, at + 6);
    const signature = Buffer.from(this.#sign(parts));
    const given = frames[at + 1];
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) return undefined;
    const [header, , metadata, content] = parts.map((part) => JSON.parse(part.toString('utf8')));
    return { identities: frames.slice(0, at), header, metadata, content };
  }

  write({ identities, type, parent, metadata = {}, content }: Outgoing): (string | Uint8Array)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: 'kernel',
      date: new Date().toISOString(),
      version: VERSION,
    };
    const parts = [header, parent ?? {}, metadata, content].map((part) => JSON.stringify(part));
    return [...identities, DELIMITER, this.#sign(parts), ...parts];
  }

  #sign(parts: (string | Uint8Array)[]): string {
    if (this.#key === '') return '';
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }
}
