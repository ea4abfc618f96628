import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { requireSearchAttributes } from '../../client/dead-letters/listing.js';
import { checkRedrive } from '../../client/redrives/request.js';
import { registeredSearchAttributes } from '../../client/search-attributes.js';
import { SEARCH_ATTRIBUTE_NAMES } from '../../common/contract.js';
import type { RedrivePlan } from '../../common/redrive/types.js';

/**
 * Checks what a redrive was asked for, whoever started it: a client, the command line or the Temporal UI.
 * @throws ApplicationFailure that is not retried and says what is wrong and how it is mended
 */
export async function planRedrive(id: string, request: unknown): Promise<RedrivePlan> {
  const { client } = Context.current();
  try {
    const checked = checkRedrive(request);
    const needed = SEARCH_ATTRIBUTE_NAMES.some((name) => checked.query?.includes(name));
    if (needed) await requireSearchAttributes(client);
    return { ...checked, id, searchAttributes: (await registeredSearchAttributes(client)) ?? [] };
  } catch (error) {
    if (!(error instanceof Error) || !REFUSALS.includes(error.name)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, error.name);
  }
}

const REFUSALS = ['InvalidRequestError', 'SearchAttributesNotRegisteredError'];
