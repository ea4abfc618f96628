import { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';

const { AUTHENTICATION, CLIENT, NETWORK, SERVER, TIMEOUT, VALIDATION } = ErrorCategory;

/** SQLSTATEs that say something else than their class. */
const STATES: Readonly<Record<string, ErrorCategory>> = {
  '25006': SERVER, // read only: a standby after a failover
  '25P03': TIMEOUT, // idle in transaction
  '42501': AUTHENTICATION, // insufficient privilege
  '55000': CLIENT,
  '57014': TIMEOUT, // statement time-out
  HYT00: TIMEOUT,
  HYT01: TIMEOUT,
  S1T00: TIMEOUT,
};

/** Classes of SQLSTATE (its first two characters): ISO 9075 and PostgreSQL's appendix A. */
const CLASSES: Readonly<Record<string, ErrorCategory>> = {
  '08': NETWORK,
  '0A': CLIENT, // not supported
  '0L': AUTHENTICATION,
  '0P': AUTHENTICATION,
  '20': CLIENT,
  '21': CLIENT,
  '22': VALIDATION, // data exception
  '23': VALIDATION, // integrity constraint
  '24': CLIENT,
  '25': CLIENT,
  '26': CLIENT,
  '28': AUTHENTICATION,
  '2B': CLIENT,
  '34': CLIENT,
  '3D': CLIENT,
  '3F': CLIENT,
  '40': SERVER, // deadlock, serialization: a retry resolves it
  '42': CLIENT, // syntax, unknown names
  '44': VALIDATION,
  '53': SERVER, // too many connections, disk full, out of memory
  '54': CLIENT,
  '55': SERVER, // lock not available, object in use
  '57': SERVER, // shutdown, cannot connect now
  '58': SERVER,
  HV: SERVER,
  P0: CLIENT,
  XX: SERVER,
  '72': SERVER,
};

/** Names under which drivers keep a SQLSTATE and nothing else. */
const OWN = ['sqlState', 'sqlstate', 'SQLSTATE', 'sql_state', 'pgCode'];
/** What a driver puts beside one that is in `code`. */
const SIGNS = [
  'severity',
  'routine',
  'hint',
  'sqlMessage',
  'constraint',
  'internalQuery',
  'schema',
  'odbcErrors',
  'query',
];
const CLASS = /Postgres|^PG|DatabaseError|SQL|QueryFailed|DriverException|Sequelize|Odbc|Db2/i;

/** The SQLSTATE of an error of whatever driver. */
export function sqlStateOf(link: unknown): string | undefined {
  const own = getString(link, ...OWN);
  if (own !== undefined && isState(own)) return own;
  for (const key of ['code', 'state']) {
    const code = getString(link, key);
    if (code === undefined || !isState(code)) continue;
    const name = getString(link, 'name') ?? '';
    const className = getString(get(link, 'constructor'), 'name') ?? '';
    const signed = SIGNS.some((sign) => get(link, sign) !== undefined);
    if (signed || CLASS.test(name) || CLASS.test(className)) return code;
  }
  return undefined;
}

function isState(text: string): boolean {
  return /^[0-9A-Z]{5}$/.test(text) && /\d/.test(text) && !/^0{5}$/.test(text);
}

export function categoryOfSqlState(state: string | undefined): ErrorCategory | undefined {
  if (state === undefined) return undefined;
  if (Object.hasOwn(STATES, state)) return STATES[state];
  const family = state.slice(0, 2);
  return Object.hasOwn(CLASSES, family) ? CLASSES[family] : undefined;
}
