import { RedriveNotFoundError } from '../../../../client/errors.js';
import { isNotFound } from '../../../../client/server/grpc-status.js';
import type { Session } from '../../../session.js';

/** @returns whether it runs @throws RedriveNotFoundError */
export async function mustExist({ client }: Pick<Session, 'client'>, id: string): Promise<boolean> {
  const { status } = await client.workflow
    .getHandle(id)
    .describe()
    .catch((error) => {
      throw isNotFound(error) ? new RedriveNotFoundError(id) : error;
    });
  return status.name === 'RUNNING';
}
