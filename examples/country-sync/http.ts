/** An answer outside 2xx, with the fields HTTP clients usually put on their errors. */
class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly method: string,
    readonly url: string,
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly body: string,
  ) {
    super(`${method} ${new URL(url).pathname} answered ${status}: ${explanation(body)}`);
  }
}

/**
 * Sends a request and reads the JSON answer.
 * @throws HttpError for an answer outside 2xx; what `fetch` throws when there is no answer.
 */
export async function requestJson<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new HttpError(method, url, response.status, Object.fromEntries(response.headers), text);
  }
  return JSON.parse(text) as T;
}

function explanation(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // not JSON: the text itself explains
  }
  return body.slice(0, 200);
}
