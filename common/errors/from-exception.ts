import { beginning, wellFormed } from '../text/text.js';
import { responseBodyOf } from './body.js';
import { ErrorCategory, isErrorCategory } from './category.js';
import { classifyLinks } from './classify.js';
import type { ApiLinkerErrorOptions, FromExceptionOverrides } from './error-options.js';
import { findKnown, type Known } from './known.js';
import { linksOf } from './links.js';
import { messageOf, typeOf } from './message.js';
import { plainJson } from './plain-json.js';
import { defaultRedactor, REDACTED, type Redactor } from './redaction/redaction.js';
import { correlationIdOf, requestMethodOf, requestUrlOf } from './request.js';
import { getString } from './safe.js';

const MAX_MESSAGE = 2_000;
const MAX_BODY = 1_000;
const MAX_URL = 2_000;
const MAX_STACK = 4_000;
const MAX_NAME = 200;

type Description = ApiLinkerErrorOptions & { readonly message: string };

/** The message and fields of what was thrown: what is given first, then what is known, then what can be found. */
export function describeException(error: unknown, overrides: FromExceptionOverrides): Description {
  const { classify, redactor = defaultRedactor, ...given } = overrides;
  try {
    return finish(describe(error, given, classify, guard(redactor)), redactor);
  } catch {
    return finish({ ...given, message: given.message ?? 'an error that cannot be read' }, redactor);
  }
}

function describe(
  error: unknown,
  given: Omit<FromExceptionOverrides, 'classify' | 'redactor'>,
  classify: FromExceptionOverrides['classify'],
  redactor: Redactor,
): Description {
  const links = linksOf(error);
  const known = findKnown(links);
  const json = known?.json;
  const found = classifyLinks(links);
  return {
    message:
      given.message ??
      (known === undefined ? messageOf(links, redactor) : messageAround(links, known, redactor)),
    errorCategory: given.errorCategory ?? byUser(classify, error) ?? found.category,
    statusCode: given.statusCode ?? found.statusCode,
    responseBody: given.responseBody ?? json?.responseBody ?? responseBodyOf(links, redactor),
    requestUrl: given.requestUrl ?? json?.requestUrl ?? requestUrlOf(links),
    requestMethod: given.requestMethod ?? json?.requestMethod ?? requestMethodOf(links),
    timestamp: given.timestamp ?? json?.timestamp,
    operationId: given.operationId ?? json?.operationId,
    correlationId: given.correlationId ?? json?.correlationId ?? correlationIdOf(links),
    additionalContext: given.additionalContext ?? json?.additionalContext,
    errorType: given.errorType ?? json?.errorType ?? typeOf(links[0]),
    stack: given.stack ?? json?.stack ?? getString(links[0], 'stack'),
  };
}

function byUser(classify: FromExceptionOverrides['classify'], error: unknown): ErrorCategory | undefined {
  try {
    const category = classify?.(error);
    return isErrorCategory(category) ? category : undefined;
  } catch {
    return undefined;
  }
}

/** The message of a classified error stays as it is; errors around it may add theirs. */
function messageAround(links: readonly unknown[], { index, json }: Known, redactor: Redactor): string {
  if (index === 0) return json.message;
  const around = messageOf(links.slice(0, index), redactor);
  return around.includes(json.message) ? around : `${around}: ${json.message}`;
}

/** Nothing leaves that has not been redacted and cut. */
function finish(description: Description, given: Redactor): Description {
  const redactor = guard(given);
  const clean = (value: string | undefined, limit: number, redact = redactor.text) =>
    value === undefined ? undefined : cleanCut(value, limit, redact);
  return {
    ...description,
    message: cleanCut(description.message, MAX_MESSAGE, redactor.text),
    errorCategory: description.errorCategory ?? ErrorCategory.UNKNOWN,
    responseBody: clean(description.responseBody, MAX_BODY, redactor.body),
    requestUrl: clean(description.requestUrl, MAX_URL, redactor.url),
    requestMethod: clean(description.requestMethod, MAX_NAME),
    operationId: clean(description.operationId, MAX_NAME),
    correlationId: clean(description.correlationId, MAX_NAME),
    additionalContext:
      description.additionalContext &&
      ((redactor.json(plainJson(description.additionalContext)) ?? {}) as Record<string, unknown>),
    errorType: clean(description.errorType, MAX_NAME),
    // Without one, the new error would show a stack of its own, which leads here.
    stack: clean(description.stack ?? '', MAX_STACK),
  };
}

/** Half a character cannot be sent. More is redacted than is kept, and what stood at the first cut is dropped: half a secret is not recognised. */
function cleanCut(text: string, limit: number, redact: (text: string) => string): string {
  const ample = limit * 8;
  if (text.length <= ample) return beginning(wellFormed(redact(text)), limit);
  const redacted = wellFormed(redact(beginning(text, ample)));
  return beginning(redacted, Math.min(limit, Math.max(0, Math.floor(redacted.length - limit / 4))));
}

/** A redactor of the user's may throw: then nothing is shown. */
function guard(redactor: Redactor): Redactor {
  const safely =
    <V, R>(redact: (value: V) => R, instead: R) =>
    (value: V): R => {
      try {
        return redact(value);
      } catch {
        return instead;
      }
    };
  return {
    text: safely((value) => redactor.text(value), REDACTED),
    url: safely((value) => redactor.url(value), REDACTED),
    body: safely((value) => redactor.body(value), REDACTED),
    json: safely((value) => redactor.json(value), undefined),
    headers: safely((value) => redactor.headers(value), {}),
  };
}
