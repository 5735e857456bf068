import { Client } from 'undici';

/**
 * Kept connections to one origin, each for one request at a time; as many as requests have been under way at once. Not
 * undici's Pool: that looks through its connections for each request, and is told of each that is free again.
 */
export class Connections {
  readonly #origin: string;
  readonly #options: Client.Options;
  /** What was used last is used next: what is not needed ends by its keep-alive time. */
  readonly #free: Client[] = [];

  constructor(origin: string, options: Client.Options) {
    this.#origin = origin;
    this.#options = options;
  }

  take(): Client {
    return this.#free.pop() ?? new Client(this.#origin, this.#options);
  }

  /** Its request was answered as a whole. */
  give(connection: Client): void {
    this.#free.push(connection);
  }

  /** Its request failed: undici would not always use it again, as after a certificate for another name. */
  drop(connection: Client): void {
    connection.destroy().catch(() => undefined);
  }
}
