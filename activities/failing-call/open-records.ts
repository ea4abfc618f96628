import type { Client } from '@temporalio/client';
import { listRecordLetters, reportSuccess } from '../../client/dead-letter/record-letters.js';
import type { ReportedSuccess } from '../../common/dead-letter/record.js';
import type { RecoveryTelemetry } from '../telemetry.js';

/** A list of the open letters is asked for once in this time, and only while calls with a key succeed. */
const FRESH_MS = 30_000;
const MAX_LETTERS = 10_000;
const MAX_PENDING = 1_000;
/** More than a list lags behind. */
const LAG_MS = 60_000;
const FAULT = 'closing the letters of records that succeeded';

interface Known {
  ids: Set<string>;
  readAt: number;
  reading: boolean;
  /** Successes that came while the list was read, by id of the letter. */
  readonly pending: Map<string, ReportedSuccess>;
  /** Letters that this process wrote just now, which a list may lack, and when. */
  readonly written: Map<string, number>;
}

/**
 * The open letters of records, as this process knows them: those it wrote, and a list that is read now and then. A success
 * of a record without a letter costs a look into a set.
 */
export class OpenRecords {
  private readonly namespaces = new Map<string, Known>();

  constructor(private readonly telemetry: RecoveryTelemetry) {}

  /** This process has written it, or added to it. */
  opened(client: Client, letterId: string): void {
    const { ids, written } = this.of(client);
    if (ids.size >= MAX_LETTERS) return;
    ids.add(letterId);
    written.set(letterId, performance.now());
  }

  /** Never throws, and keeps no call waiting. */
  succeeded(client: Client, letterId: string, success: ReportedSuccess): void {
    const known = this.of(client);
    if (known.ids.has(letterId)) {
      known.ids.delete(letterId);
      known.written.delete(letterId);
      void reportSuccess(client, letterId, success).catch((fault) => this.telemetry.fault(FAULT, fault));
      return;
    }
    if (performance.now() - known.readAt < FRESH_MS) return;
    if (known.pending.size < MAX_PENDING) known.pending.set(letterId, success);
    if (!known.reading) void this.read(client, known);
  }

  private async read(client: Client, known: Known): Promise<void> {
    known.reading = true;
    try {
      const listed = await listRecordLetters(client, MAX_LETTERS);
      for (const [letterId, at] of known.written) {
        if (performance.now() - at > LAG_MS) known.written.delete(letterId);
      }
      known.ids = new Set([...listed, ...known.written.keys()]);
    } catch (fault) {
      this.telemetry.fault(FAULT, fault);
    }
    known.reading = false;
    known.readAt = performance.now();
    const pending = [...known.pending];
    known.pending.clear();
    for (const [letterId, success] of pending) {
      if (known.ids.has(letterId)) this.succeeded(client, letterId, success);
    }
  }

  private of({ options: { namespace } }: Client): Known {
    const known = this.namespaces.get(namespace) ?? {
      ...{ ids: new Set<string>(), readAt: Number.NEGATIVE_INFINITY, reading: false },
      ...{ pending: new Map<string, ReportedSuccess>(), written: new Map<string, number>() },
    };
    this.namespaces.set(namespace, known);
    return known;
  }
}
