import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Country } from './country.js';
import { COUNTRY_SCHEMA, type Unprocessable } from './target-schema.js';

/** Time an ordinary write takes. */
const WRITE_MS = 200;
/** Time a hanging request takes: past the activity's time-out of 2 s. */
const HANG_MS = 5_000;

/**
 * The REST API the sync writes to: `PUT /countries/<cca3>` (idempotent, validated), `GET /countries`.
 * What is written outlives `goDown()`.
 */
export class TargetApi {
  readonly #countries = new Map<string, Country>();
  #app: FastifyInstance | undefined;
  #port: number;
  #url = '';
  #unavailable = false;
  #toHang = 0;
  #writesPerSecond = Number.POSITIVE_INFINITY;
  #window = { second: 0, writes: 0 };
  #refused = 0;

  private constructor(port: number) {
    this.#port = port;
  }

  /** Starts it; port 0 takes a free one. */
  static async start(options: { port: number }): Promise<TargetApi> {
    const target = new TargetApi(options.port);
    await target.comeBack();
    return target;
  }

  get url(): string {
    return this.#url;
  }

  /** Records it holds. */
  get size(): number {
    return this.#countries.size;
  }

  /** Writes that were answered 429. */
  get refused(): number {
    return this.#refused;
  }

  /** Its state in words; `healthy` while an ordinary request is answered as it should be. */
  get state(): { readonly healthy: boolean; readonly text: string } {
    if (this.#app === undefined) return { healthy: false, text: 'DOWN, connections refused' };
    if (this.#unavailable) return { healthy: false, text: 'answers 503 Service Unavailable' };
    if (Number.isFinite(this.#writesPerSecond)) {
      return { healthy: true, text: `limits to ${this.#writesPerSecond} writes/s (429)` };
    }
    return { healthy: true, text: 'up' };
  }

  /** Stops listening and cuts every connection: new ones are refused. */
  async goDown(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.close();
  }

  /** Listens again, on the same port. With `unavailable` it answers 503 until `recover()`. */
  async comeBack(options: { unavailable?: boolean } = {}): Promise<void> {
    this.#unavailable = options.unavailable ?? false;
    if (this.#app !== undefined) return;
    const app = this.#build();
    this.#url = await app.listen({ host: '127.0.0.1', port: this.#port });
    this.#port = Number(new URL(this.#url).port);
    this.#app = app;
  }

  /** Ends whatever the trouble is. */
  async recover(): Promise<void> {
    this.#toHang = 0;
    this.limitWrites(Number.POSITIVE_INFINITY);
    await this.comeBack();
  }

  /** The next `count` writes hang. */
  hangNext(count: number): void {
    this.#toHang = count;
  }

  /** Sets the rate limit; Infinity lifts it. */
  limitWrites(perSecond: number): void {
    this.#writesPerSecond = perSecond;
  }

  #build(): FastifyInstance {
    const app = fastify({
      forceCloseConnections: true,
      // Validate, never repair: a repaired record would differ from the source without anybody knowing.
      ajv: {
        customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true },
      },
    });

    app.addHook('onRequest', async (request, reply) => {
      if (this.#unavailable) return reply.code(503).send({ message: 'Service Unavailable' });
      if (request.method !== 'PUT') return;
      if (!this.#admit()) {
        this.#refused++;
        return reply.code(429).header('retry-after', '1').send({ message: 'Too Many Requests' });
      }
      if (this.#toHang > 0) {
        this.#toHang--;
        await delay(HANG_MS, undefined, { ref: false });
      }
    });

    app.setErrorHandler<FastifyError>((error, _request, reply) => {
      if (error.validation === undefined) return reply.send(error);
      const errors = error.validation.map(({ instancePath, message = 'is invalid' }) => ({
        field: instancePath.slice(1).replaceAll('/', '.'),
        message,
      }));
      const message = errors.map((each) => `${each.field} ${each.message}`).join(', ');
      return reply.code(422).send({ message, errors } satisfies Unprocessable);
    });

    app.get('/countries', async () => [...this.#countries.values()]);

    app.put<{ Params: { cca3: string }; Body: Country }>(
      '/countries/:cca3',
      { schema: { body: COUNTRY_SCHEMA } },
      async (request, reply) => {
        await delay(WRITE_MS / 2, undefined, { ref: false });
        if (app !== this.#app) return reply.hijack();
        this.#countries.set(request.params.cca3, request.body);
        // Cut here, the write has happened and the caller does not know: hence PUT, which may be repeated.
        await delay(WRITE_MS / 2, undefined, { ref: false });
        return { cca3: request.params.cca3 };
      },
    );
    return app;
  }

  /** Fixed window of one second. */
  #admit(): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (this.#window.second !== second) this.#window = { second, writes: 0 };
    return ++this.#window.writes <= this.#writesPerSecond;
  }
}
