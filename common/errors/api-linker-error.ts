import { ErrorCategory, isErrorCategory } from './category.js';
import { categoryOfCode } from './codes.js';
import { defaultRedactor, type Redactor } from './redaction.js';
import { causeChain, get, getString, headerOfError, textOf } from './safe.js';
import { categoryOfStatus, httpStatus } from './status.js';

const BRAND = Symbol.for('temporal-recovery.ApiLinkerError');

const MAX_BODY = 1_000;
const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;

export interface ApiLinkerErrorOptions {
  errorCategory?: ErrorCategory;
  statusCode?: number;
  responseBody?: string;
  requestUrl?: string;
  requestMethod?: string;
  /** ISO time; now, unless given. */
  timestamp?: string;
  operationId?: string;
  correlationId?: string;
  additionalContext?: Record<string, unknown>;
  errorType?: string;
  stack?: string;
}

export interface FromExceptionOverrides extends ApiLinkerErrorOptions {
  /** Asked first; undefined leaves the decision to the built-in rules. */
  classify?: (error: unknown) => ErrorCategory | undefined;
  redactor?: Redactor;
}

/** An `ApiLinkerError` as JSON. Fields that are not known are left out. */
export interface ErrorJson {
  readonly message: string;
  readonly errorCategory: ErrorCategory;
  readonly statusCode?: number;
  readonly responseBody?: string;
  readonly requestUrl?: string;
  readonly requestMethod?: string;
  readonly timestamp: string;
  readonly operationId?: string;
  readonly correlationId?: string;
  readonly additionalContext: Readonly<Record<string, unknown>>;
  /** Class or type of the original error. */
  readonly errorType?: string;
  readonly stack?: string;
}

/** A classified error with what is known of the request. As in APILinker, with fields in camel case. */
export class ApiLinkerError extends Error {
  override readonly name = 'ApiLinkerError';
  readonly [BRAND] = true;
  readonly errorCategory: ErrorCategory;
  readonly statusCode?: number;
  readonly responseBody?: string;
  readonly requestUrl?: string;
  readonly requestMethod?: string;
  readonly timestamp: string;
  readonly operationId?: string;
  readonly correlationId?: string;
  readonly additionalContext: Record<string, unknown>;
  readonly errorType?: string;

  constructor(message: string, options: ApiLinkerErrorOptions = {}) {
    super(message);
    this.errorCategory = options.errorCategory ?? ErrorCategory.UNKNOWN;
    this.statusCode = options.statusCode;
    this.responseBody = options.responseBody;
    this.requestUrl = options.requestUrl;
    this.requestMethod = options.requestMethod;
    // The one clock in common/: an error is made where it happens. Callers with a clock of their own pass it.
    this.timestamp = options.timestamp ?? new Date().toISOString();
    this.operationId = options.operationId;
    this.correlationId = options.correlationId;
    this.additionalContext = options.additionalContext ?? {};
    this.errorType = options.errorType;
    if (options.stack !== undefined) this.stack = options.stack;
  }

  /**
   * Classifies anything that was thrown. Never throws. Text is cut (body 1,000, message 2,000 characters) and freed
   * of secrets. An `ApiLinkerError`, of whatever copy of this package, keeps its category and its fields.
   */
  static fromException(error: unknown, overrides: FromExceptionOverrides = {}): ApiLinkerError {
    const { classify, redactor = defaultRedactor, ...given } = overrides;
    const source = telling(error);
    const known = findClassified(source);
    const statusCode = given.statusCode ?? known?.statusCode ?? httpStatus(source);
    const errorCategory =
      given.errorCategory ??
      byUser(classify, error) ??
      known?.errorCategory ??
      categorise(source, statusCode);
    const url = given.requestUrl ?? known?.requestUrl ?? urlOf(source);
    const body = given.responseBody ?? known?.responseBody ?? bodyOf(source);
    const message = known?.message ?? messageOf(source);
    return new ApiLinkerError(redactor.text(message.slice(0, MAX_MESSAGE)), {
      timestamp: known?.timestamp,
      operationId: known?.operationId,
      additionalContext: known?.additionalContext && { ...known.additionalContext },
      correlationId:
        known?.correlationId ?? headerOfError(source, 'x-correlation-id', 'x-request-id', 'request-id'),
      requestMethod: known?.requestMethod ?? methodOf(source),
      errorType: typeOf(source),
      ...given,
      errorCategory,
      statusCode,
      requestUrl: url === undefined ? undefined : redactor.url(url.slice(0, MAX_MESSAGE)),
      // A little more than is kept, so that a secret at the cut is seen whole.
      responseBody:
        body === undefined ? undefined : redactor.body(body.slice(0, MAX_BODY * 2)).slice(0, MAX_BODY),
      stack: redactor.text((given.stack ?? getString(source, 'stack') ?? '').slice(0, MAX_STACK)),
    });
  }

  toJSON(): ErrorJson {
    const { message, errorCategory, statusCode, responseBody, requestUrl, requestMethod, timestamp } = this;
    const { operationId, correlationId, additionalContext, errorType, stack } = this;
    return withoutUndefined({
      message,
      errorCategory,
      statusCode,
      responseBody,
      requestUrl,
      requestMethod,
      timestamp,
      operationId,
      correlationId,
      additionalContext,
      errorType,
      stack: stack || undefined,
    });
  }

  override toString(): string {
    const parts = [`[${this.errorCategory}] ${this.message}`];
    if (this.statusCode !== undefined) parts.push(`Status: ${this.statusCode}`);
    if (this.requestUrl !== undefined) parts.push(`${this.requestMethod ?? 'GET'} ${this.requestUrl}`);
    if (this.correlationId !== undefined) parts.push(`Correlation ID: ${this.correlationId}`);
    return parts.join(' | ');
  }
}

/** Whether something is an `ApiLinkerError`, also one of another copy of this package. */
export function isApiLinkerError(value: unknown): value is ApiLinkerError {
  return get(value, BRAND as unknown as string) === true;
}

function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** Of an `AggregateError` the first member that can be told apart; otherwise the error itself. */
function telling(error: unknown): unknown {
  const members = get(error, 'errors');
  if (getString(error, 'name') !== 'AggregateError' || !Array.isArray(members)) return error;
  const candidates = members.slice(0, 20);
  return (
    candidates.find((member) => categorise(member, httpStatus(member)) !== ErrorCategory.UNKNOWN) ?? error
  );
}

function byUser(classify: FromExceptionOverrides['classify'], error: unknown): ErrorCategory | undefined {
  try {
    const category = classify?.(error);
    return isErrorCategory(category) ? category : undefined;
  } catch {
    return undefined;
  }
}

/** Status before code: a response that came says more than how the connection fared afterwards. */
function categorise(error: unknown, status: number | undefined): ErrorCategory {
  const code = categoryOfCode(error);
  if (code === ErrorCategory.RATE_LIMIT) return code;
  const byStatus = status === undefined ? undefined : categoryOfStatus(status);
  return byStatus ?? code ?? ErrorCategory.UNKNOWN;
}

/** An error that has been classified already: ours, or a Temporal failure that carries our JSON in its details. */
function findClassified(error: unknown): ErrorJson | undefined {
  for (const at of causeChain(error)) {
    if (isApiLinkerError(at)) return at;
    const details = get(at, 'details');
    if (!Array.isArray(details)) continue;
    for (const detail of details) {
      const json = get(get(detail, 'temporalRecovery'), 'error');
      if (isErrorCategory(get(json, 'errorCategory')) && typeof get(json, 'message') === 'string') {
        return json as ErrorJson;
      }
    }
  }
  return undefined;
}

/** `fetch failed` says nothing; what failed is in its causes. */
function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (const at of causeChain(error)) {
    const message = getString(at, 'message') ?? (typeof at === 'object' ? undefined : textOf(at));
    const code = getString(at, 'code');
    const shown = message ?? code;
    if (shown !== undefined && !messages.some((known) => known.includes(shown))) messages.push(shown);
  }
  if (messages.length > 0) return messages.join(': ');
  if (typeof error !== 'object' || error === null) return textOf(error);
  try {
    return JSON.stringify(error).slice(0, MAX_MESSAGE);
  } catch {
    return textOf(error);
  }
}

function typeOf(error: unknown): string | undefined {
  const className = getString(get(error, 'constructor'), 'name');
  return (
    getString(error, 'type') ?? (className === 'Object' ? undefined : className) ?? getString(error, 'name')
  );
}

function urlOf(error: unknown): string | undefined {
  for (const at of causeChain(error)) {
    const config = get(at, 'config');
    const own = getString(config, 'url');
    const base = getString(config, 'baseURL');
    if (own !== undefined) {
      return base === undefined || /^[a-z]+:/i.test(own)
        ? own
        : `${base.replace(/\/$/, '')}/${own.replace(/^\//, '')}`;
    }
    for (const holder of [get(at, 'response'), get(at, 'request'), get(at, 'options'), at]) {
      const url = get(holder, 'url');
      if (typeof url === 'string' && url !== '') return url;
      const href = getString(url, 'href');
      if (href !== undefined) return href;
    }
    const requestUrl = getString(at, 'requestUrl');
    if (requestUrl !== undefined) return requestUrl;
  }
  return undefined;
}

function methodOf(error: unknown): string | undefined {
  for (const at of causeChain(error)) {
    for (const holder of [get(at, 'config'), get(at, 'request'), get(at, 'options'), at]) {
      const method = getString(holder, 'method', 'requestMethod');
      if (method !== undefined && /^[a-z]{3,10}$/i.test(method)) return method.toUpperCase();
    }
  }
  return undefined;
}

/** The body where the client has read it already. Streams are left alone. */
function bodyOf(error: unknown): string | undefined {
  for (const at of causeChain(error)) {
    for (const holder of [get(at, 'response'), at]) {
      for (const key of ['data', 'body', 'responseBody']) {
        const text = bodyText(get(holder, key));
        if (text !== undefined) return text;
      }
    }
    const response = get(at, 'response');
    if (typeof response === 'string') return response;
  }
  return undefined;
}

function bodyText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === null || typeof value !== 'object') return undefined;
  const isStream = typeof get(value, 'pipe') === 'function' || typeof get(value, 'getReader') === 'function';
  if (isStream || value instanceof Uint8Array) return undefined;
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
