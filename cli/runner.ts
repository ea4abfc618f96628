import type { Command } from 'commander';
import type { Outcome, Session } from './session.js';

/** Connects as the flags of `command` say and does `work`. What it needs is loaded only then. */
export type Runner = (command: Command, work: (session: Session) => Promise<Outcome>) => Promise<void>;
