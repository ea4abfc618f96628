import type { LookupFunction } from 'node:net';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Dispatcher } from 'undici';

/** Milliseconds, or a string such as `'10s'` or `'5 minutes'`. */
export type Time = number | string;

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** HTTP methods that a request may have. */
export type Method = (typeof METHODS)[number];

type Scalar = string | number | boolean;

/** A status such as 404, or a range such as `'2xx'`. */
export type StatusPattern = number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** One request, as plain JSON: it can be the argument of an activity. It is written to the history. */
export interface ApiRequest {
  /** @default 'GET' */
  method?: Method;
  /** http or https, absolute; with a `baseUrl` also a path below it. User name and password are refused. */
  url: string;
  /** Added to the query of the URL; an array repeats its name. */
  query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** Go before the headers of the options. Secrets belong there, since these are written to the history. */
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. Not for GET and HEAD; not together with `body`. */
  json?: unknown;
  /** Sent as it is, as `text/plain` unless a header says otherwise. */
  body?: string;
  /** Every other status is an error. @default '2xx', and '3xx' too with `redirect: 'manual'` */
  expectedStatus?: StatusPattern | readonly StatusPattern[];
  /** For everything, redirects and body included. Never longer than the activity has left. @default '30 s' */
  timeout?: Time;
  /** For each connection, look-up of the name and TLS included; at most 2 minutes. @default '10 s' */
  connectTimeout?: Time;
  /** Largest body that is read, decompressed, in bytes. @default 5,000,000 */
  maxResponseBytes?: number;
  /**
   * `follow` goes after redirects, without credentials to another origin and never from https to http; `error` fails;
   * `manual` gives the redirect as the answer.
   * @default 'follow'
   */
  redirect?: 'follow' | 'error' | 'manual';
  /** Redirects that are followed, 0 to 20; one more fails the request. @default 5 */
  maxRedirects?: number;
  /** Value of the `Idempotency-Key` header; `false` sends none. @default `idempotencyKey()`, except for GET, HEAD and OPTIONS */
  idempotencyKey?: string | false;
  /** Name of one of the `schemas` of the options, for the body of the answer. */
  schema?: string;
}

/** The answer to a request, with a status that was expected. */
export interface ApiResponse<Body = unknown> {
  /** HTTP status. */
  status: number;
  /** In lower case. Without `set-cookie`. */
  headers: Record<string, string>;
  /** Parsed where the content type is JSON, else text; undefined where there is none (204, HEAD). */
  body: Body;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** Headers for all requests, or a function that returns them, called in every attempt. */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

export interface ConnectionOptions {
  /**
   * Link-local and cloud metadata addresses that may be asked nevertheless: addresses, ranges (`169.254.0.0/16`) and
   * names (`metadata.google.internal`).
   * @default none
   */
  allowAddresses?: readonly string[];
  /** Looks up names in place of `dns.lookup`; answers are held to the same rules. */
  lookup?: LookupFunction;
  /** Another dispatcher of undici, such as a `ProxyAgent`: then names are looked up by it, and unchecked. */
  dispatcher?: Dispatcher;
}

/** What all requests have in common. Given where the worker is made, so secrets may be in it. */
export interface ApiRequestOptions extends ConnectionOptions {
  /** Requests outside of its origin are refused. */
  baseUrl?: string;
  /** A function is called in every attempt; what it returns is in no history. */
  headers?: HeaderSource;
  /** For requests that set none. @default '30 s' */
  timeout?: Time;
  /** For requests that set none. @default '10 s' */
  connectTimeout?: Time;
  /** For requests that set none, in bytes. @default 5,000,000 */
  maxResponseBytes?: number;
}

/** Schemas by the names that requests use. */
export type Schemas = Readonly<Record<string, StandardSchemaV1>>;
