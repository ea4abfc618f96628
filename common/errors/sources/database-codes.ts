import type { ErrorCategory } from '../category.js';
import { get, getString, items } from '../safe.js';
import { lookUp, tableOf } from '../table.js';
import { categoryOfSqlState, sqlStateOf } from './sql-states.js';

/**
 * MySQL and MariaDB, by number (`errno`). SERVER is what a retry resolves: deadlocks, lock time-outs, too many
 * connections. https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
const MYSQL = tableOf({
  SERVER:
    '1021 1037 1038 1040 1041 1053 1180 1203 1205 1206 1213 1226 1290 1614 1637 1836 1927 2013 3101 3572',
  NETWORK: '1042 1043 1080 1129 1152 1153 1158 1159 1160 1161 1184 2002 2003 2005 2006 2055 45012',
  TIMEOUT: '1317 1907 1969 3024 3168 45028',
  AUTHENTICATION:
    '1044 1045 1130 1131 1132 1133 1142 1143 1227 1251 1370 1396 1698 1820 1862 1873 2059 3118 3879 4151',
  VALIDATION:
    '1048 1062 1169 1216 1217 1242 1263 1264 1265 1292 1364 1365 1366 1406 1411 1451 1452 1557 1586 1690 1761 3140 3819 4025',
  CLIENT: '1046 1049 1050 1051 1054 1064 1091 1109 1136 1146 1149 1305',
});

/** The same by name, where the number did not come along. */
const MYSQL_NAMES = tableOf({
  SERVER:
    'ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT ER_LOCK_NOWAIT ER_LOCK_TABLE_FULL ER_CON_COUNT_ERROR ' +
    'ER_TOO_MANY_USER_CONNECTIONS ER_USER_LIMIT_REACHED ER_SERVER_SHUTDOWN ER_OUT_OF_RESOURCES ER_OUTOFMEMORY ' +
    'ER_DISK_FULL ER_OPTION_PREVENTS_STATEMENT ER_READ_ONLY_MODE ER_TOO_MANY_CONCURRENT_TRXS ER_XA_RBDEADLOCK',
  NETWORK:
    'PROTOCOL_CONNECTION_LOST PROTOCOL_PACKETS_OUT_OF_ORDER PROTOCOL_ENQUEUE_AFTER_QUIT POOL_CLOSED ER_HOST_IS_BLOCKED ' +
    'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR ER_SOCKET_UNEXPECTED_CLOSE ER_NET_READ_ERROR ER_NET_ERROR_ON_WRITE',
  TIMEOUT:
    'PROTOCOL_SEQUENCE_TIMEOUT ER_QUERY_TIMEOUT ER_QUERY_INTERRUPTED ER_STATEMENT_TIMEOUT ER_GET_CONNECTION_TIMEOUT ' +
    'ER_CONNECTION_TIMEOUT ER_NET_READ_INTERRUPTED ER_NET_WRITE_INTERRUPTED ER_XA_RBTIMEOUT',
  AUTHENTICATION:
    'ER_ACCESS_DENIED_ERROR ER_DBACCESS_DENIED_ERROR ER_TABLEACCESS_DENIED_ERROR ER_COLUMNACCESS_DENIED_ERROR ' +
    'ER_SPECIFIC_ACCESS_DENIED_ERROR ER_ACCESS_DENIED_NO_PASSWORD_ERROR ER_NOT_SUPPORTED_AUTH_MODE ' +
    'ER_MUST_CHANGE_PASSWORD ER_ACCOUNT_HAS_BEEN_LOCKED ER_HOST_NOT_PRIVILEGED ER_PROCACCESS_DENIED_ERROR ' +
    'AUTH_SWITCH_PLUGIN_ERROR HANDSHAKE_NO_SSL_SUPPORT',
  VALIDATION:
    'ER_DUP_ENTRY ER_DUP_ENTRY_WITH_KEY_NAME ER_DUP_UNIQUE ER_DUP_KEY ER_BAD_NULL_ERROR ER_NO_REFERENCED_ROW ' +
    'ER_NO_REFERENCED_ROW_2 ER_ROW_IS_REFERENCED ER_ROW_IS_REFERENCED_2 ER_DATA_TOO_LONG ER_WARN_DATA_OUT_OF_RANGE ' +
    'ER_TRUNCATED_WRONG_VALUE ER_TRUNCATED_WRONG_VALUE_FOR_FIELD ER_NO_DEFAULT_FOR_FIELD WARN_DATA_TRUNCATED ' +
    'ER_CHECK_CONSTRAINT_VIOLATED ER_INVALID_JSON_TEXT ER_DATA_OUT_OF_RANGE',
  CLIENT:
    'ER_PARSE_ERROR ER_SYNTAX_ERROR ER_NO_SUCH_TABLE ER_BAD_FIELD_ERROR ER_BAD_TABLE_ERROR ER_BAD_DB_ERROR ' +
    'ER_NO_DB_ERROR ER_TABLE_EXISTS_ERROR ER_WRONG_VALUE_COUNT_ON_ROW ER_SP_DOES_NOT_EXIST ER_NET_PACKET_TOO_LARGE',
});

/** SQL Server and Azure SQL, by `number`. 10928 and the like: https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues */
const SQL_SERVER = tableOf({
  SERVER:
    '601 615 617 669 701 802 1101 1105 1203 1204 1205 1221 1222 1807 3906 3908 3935 3960 3966 5030 8628 8645 8651 9002 ' +
    '9515 10060 14355 17197 20041 40143 40166 40197 40501 40540 40544 40549 40550 40551 40552 40553 40613 41301 41302 ' +
    '41305 41325 41839 42108 42109 45168 45169 49918 49919 49920 10928 10929 10936 17809 17830',
  NETWORK: '20 53 64 121 233 258 10053 10054 10061 11001 26023 40140',
  TIMEOUT: '-2 3617 1469',
  AUTHENTICATION:
    '229 230 262 297 300 371 916 4060 4064 15151 18450 18451 18452 18456 18461 18463 18470 18486 18487 18488 33147 40532 40615 40914 40607',
  VALIDATION:
    '220 241 242 245 248 295 296 515 544 547 2601 2627 2628 3621 8114 8115 8134 8152 8169 9420 13609',
  CLIENT: '102 105 128 137 156 170 201 207 208 209 213 214 217 911 1934 2714 2812 3701 4104 8144 8145 8178',
});

/** The driver tedious, by `code`. */
const TEDIOUS = tableOf({
  AUTHENTICATION: 'ELOGIN EINSTLOOKUPAUTH',
  TIMEOUT: 'ETIMEOUT',
  NETWORK: 'ESOCKET ECONNCLOSED EINSTLOOKUP ENOTOPEN ECONNCLOSE',
});

/** Oracle, by number of `ORA-`, and the driver's `NJS-` and `DPI-`. */
const ORACLE = tableOf({
  SERVER:
    'ORA-18 ORA-20 ORA-54 ORA-60 ORA-104 ORA-257 ORA-1000 ORA-1552 ORA-1555 ORA-1652 ORA-1653 ORA-1654 ORA-2391 ORA-4020 ORA-4021 ORA-4031 ORA-4036 ORA-4068 ORA-8177 ORA-12516 ORA-12518 ORA-12519 ORA-12520 ORA-30006 ORA-600 ORA-7445 ORA-18014',
  NETWORK:
    'ORA-28 ORA-1012 ORA-1033 ORA-1034 ORA-1089 ORA-1090 ORA-1092 ORA-3113 ORA-3114 ORA-3135 ORA-12153 ORA-12154 ' +
    'ORA-12505 ORA-12514 ORA-12521 ORA-12528 ORA-12537 ORA-12541 ORA-12543 ORA-12545 ORA-12547 ORA-12560 ORA-12571 ORA-12757 ' +
    'NJS-500 NJS-501 NJS-503 NJS-521 DPI-1010 DPI-1080',
  TIMEOUT:
    'ORA-1013 ORA-2049 ORA-3136 ORA-12170 ORA-12606 ORA-12608 ORA-12609 NJS-040 NJS-123 NJS-510 DPI-1067',
  AUTHENTICATION:
    'ORA-1005 ORA-1017 ORA-1031 ORA-1035 ORA-1045 ORA-28000 ORA-28001 ORA-28002 ORA-28009 ORA-28040 ORA-28547 ORA-1950 NJS-116',
  VALIDATION:
    'ORA-1 ORA-1400 ORA-1401 ORA-1403 ORA-1407 ORA-1438 ORA-1722 ORA-1830 ORA-1843 ORA-1847 ORA-1858 ORA-1861 ORA-2290 ORA-2291 ORA-2292 ORA-2359 ORA-6502 ORA-12899',
  CLIENT:
    'ORA-900 ORA-904 ORA-905 ORA-907 ORA-911 ORA-917 ORA-923 ORA-933 ORA-936 ORA-942 ORA-947 ORA-955 ORA-1008 ORA-1036 ORA-6550',
});

/** What is not named above, by Oracle's ranges: its network, fail-over, log-ins; the driver's network. */
const ORACLE_RANGES: readonly (readonly [family: string, from: number, to: number, ErrorCategory])[] = [
  ['ORA', 12_150, 12_699, 'NETWORK'],
  ['ORA', 25_400, 25_425, 'NETWORK'],
  ['ORA', 28_000, 28_049, 'AUTH'],
  ['NJS', 500, 530, 'NETWORK'],
];

/** MongoDB, by `code`. https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const MONGO = tableOf({
  VALIDATION: '2 9 14 15 20 22 28 40 52 53 54 66 121 10334 11000 11001 12582 17280 17419 31249',
  AUTHENTICATION: '11 13 18 31 33 38 334 391 8000',
  CLIENT: '5 26 27 48 59 67 68 72 73 85 86 115 166 197 238 17 43 10 66 57',
  SERVER:
    '1 3 8 24 46 84 96 112 117 133 146 150 151 180 225 226 234 244 246 251 261 267 290 314 317 10058 13388 16500 63 14031',
  NETWORK: '6 7 74 76 91 95 189 216 249 9001 10107 11600 11602 13435 13436 13294',
  TIMEOUT: '50 89 202 262 358',
});
const MONGO_TRANSIENT = [
  'TransientTransactionError',
  'RetryableWriteError',
  'RetryableError',
  'SystemOverloadedError',
];

/** Libraries whose codes are names: SQLite, Prisma, Redis (first word of its message), Cassandra's drivers, pools. */
const NAMED = tableOf(
  {
    SERVER:
      'SQLITE_BUSY SQLITE_LOCKED SQLITE_FULL SQLITE_IOERR SQLITE_NOMEM SQLITE_PROTOCOL SQLITE_SCHEMA SQLITE_INTERRUPT SQLITE_CANTOPEN',
    VALIDATION: 'SQLITE_CONSTRAINT SQLITE_MISMATCH SQLITE_TOOBIG',
    AUTHENTICATION: 'SQLITE_AUTH SQLITE_PERM',
    CLIENT: 'SQLITE_ERROR SQLITE_RANGE SQLITE_MISUSE SQLITE_READONLY SQLITE_NOTADB SQLITE_CORRUPT',
  },
  {
    AUTHENTICATION: 'P1000 P1010',
    NETWORK: 'P1001 P1011 P1017',
    TIMEOUT: 'P1002 P1008 P2024',
    CLIENT: 'P1003 P1012 P2001 P2009 P2015 P2016 P2018 P2021 P2022 P2025 P2026',
    VALIDATION:
      'P2000 P2002 P2003 P2004 P2005 P2006 P2007 P2008 P2011 P2012 P2013 P2014 P2017 P2019 P2020 P2023 P2033',
    SERVER: 'P2027 P2028 P2034 P2037 P5000 P6004 P6008',
    RATE_LIMIT: 'P5011 P6003',
  },
  {
    TIMEOUT: 'CONNECT_TIMEOUT',
    NETWORK: 'CONNECTION_CLOSED CONNECTION_ENDED CONNECTION_DESTROYED',
    AUTHENTICATION: 'SASL_SIGNATURE_MISMATCH AUTH_TYPE_NOT_IMPLEMENTED',
  },
  // Snowflake, whose SQLSTATE speaks of the connection
  { AUTHENTICATION: '390100 390101 390102 390144 390195 390318 390422' },
);
const REDIS = tableOf({
  AUTHENTICATION: 'WRONGPASS NOAUTH NOPERM DENIED',
  SERVER:
    'LOADING BUSY BUSYGROUP TRYAGAIN CLUSTERDOWN MASTERDOWN READONLY OOM NOREPLICAS MISCONF MOVED ASK UNKILLABLE EXECABORT',
  CLIENT: 'WRONGTYPE NOSCRIPT CROSSSLOT NOGROUP INVALIDOBJ',
});

/** By the codes of a database, whatever its driver. Numbers count only beside something of that database. */
export function categoryOfDatabase(link: unknown): ErrorCategory | undefined {
  return (
    byMysql(link) ??
    bySqlServer(link) ??
    byMongo(link) ??
    byOracle(link) ??
    byRedis(link) ??
    byNeo4j(link) ??
    byCassandra(link) ??
    byNamed(link) ??
    categoryOfSqlState(sqlStateOf(link)) ??
    categoryOfSqlState(rawState(items(get(link, 'odbcErrors'), 1)[0], 'state')) ??
    categoryOfSqlState(sqlStateOf(get(link, 'meta')) ?? rawState(get(link, 'meta')))
  );
}

export function categoryOfMysqlNumber(number: string): ErrorCategory | undefined {
  return MYSQL.get(number);
}

function byMysql(link: unknown): ErrorCategory | undefined {
  const named = lookUp(MYSQL_NAMES, link, 'code', 'errorCode', 'name');
  if (named !== undefined) return named;
  const signed = ['sqlState', 'sqlMessage', 'sqlstate'].some((sign) => get(link, sign) !== undefined);
  const number = get(link, 'errno') ?? get(link, 'code');
  return signed ? MYSQL.get(String(number)) : undefined;
}

function bySqlServer(link: unknown): ErrorCategory | undefined {
  const number = get(link, 'number');
  const signs = ['serverName', 'procName', 'lineNumber', 'class', 'state', 'originalError'];
  const named = /SqlException|^(?:Request|Connection|Transaction|PreparedStatement)Error$/.test(
    getString(link, 'name') ?? '',
  );
  const signed = named || signs.filter((sign) => get(link, sign) !== undefined).length >= 2;
  const found = typeof number === 'number' && signed ? SQL_SERVER.get(String(number)) : undefined;
  if (found !== undefined) return found;
  return signed || get(link, 'isTransient') !== undefined ? lookUp(TEDIOUS, link, 'code') : undefined;
}

function byMongo(link: unknown): ErrorCategory | undefined {
  const name = getString(link, 'name') ?? '';
  if (!/^Mongo/.test(name) && get(link, 'errorLabelSet') === undefined && get(link, 'codeName') === undefined)
    return undefined;
  const code = MONGO.get(String(get(link, 'code')));
  if (code !== undefined) return code;
  const labels = get(link, 'errorLabelSet');
  const has = (label: string) => {
    const known = get(labels, 'has');
    return (
      items(get(link, 'errorLabels'), 10).includes(label) ||
      (typeof known === 'function' && known.call(labels, label) === true)
    );
  };
  if (MONGO_TRANSIENT.some(has)) return 'SERVER';
  return MONGO_CLASSES.get(name);
}

const MONGO_CLASSES = tableOf({
  TIMEOUT: 'MongoNetworkTimeoutError MongoOperationTimeoutError MongoWaitQueueTimeoutError',
  NETWORK:
    'MongoNetworkError MongoServerSelectionError MongoTopologyClosedError MongoNotConnectedError MongoPoolClearedError ' +
    'MongoPoolClosedError MongoPoolClearedOnNetworkError MongoServerClosedError',
  CLIENT: 'MongoParseError MongoInvalidArgumentError MongoAPIError MongoCompatibilityError',
  AUTHENTICATION: 'MongoMissingCredentialsError MongoAWSError MongoAzureError MongoOIDCError',
});

function byOracle(link: unknown): ErrorCategory | undefined {
  const text = getString(link, 'code') ?? getString(link, 'message') ?? '';
  const match =
    /^(?:Error: )?(ORA|NJS|DPI)-0*(\d{1,5})\b/.exec(text) ??
    /^(?:Error: )?(ORA|NJS|DPI)-0*(\d{1,5})\b/.exec(getString(link, 'message') ?? '');
  if (match === null) return undefined;
  const [, family, number = ''] = match;
  return (
    ORACLE.get(`${family}-${number}`) ??
    ORACLE.get(`${family}-${number.padStart(3, '0')}`) ??
    ORACLE_RANGES.find(
      ([of, from, to]) => of === family && Number(number) >= from && Number(number) <= to,
    )?.[3]
  );
}

function byRedis(link: unknown): ErrorCategory | undefined {
  const name = getString(get(link, 'constructor'), 'name') ?? '';
  if (
    !/^(?:ReplyError|ErrorReply|SimpleError|BlobError|RedisError)$/.test(
      `${getString(link, 'name') ?? name}`,
    ) &&
    !/^(?:ErrorReply|SimpleError|BlobError)$/.test(name)
  ) {
    return undefined;
  }
  const message = getString(link, 'message') ?? '';
  const found = REDIS.get(/^[A-Z]{3,20}/.exec(message)?.[0] ?? '');
  if (found !== undefined) return found;
  if (/max number of clients/.test(message)) return 'SERVER';
  if (/^ERR (?:invalid password|Client sent AUTH)/i.test(message)) return 'AUTH';
  return /^ERR /.test(message) ? 'CLIENT' : undefined;
}

/** Neo4j: the driver's own codes, and `Neo.<class>.<kind>.<title>`. https://neo4j.com/docs/status-codes/current/errors */
function byNeo4j(link: unknown): ErrorCategory | undefined {
  const code = getString(link, 'code') ?? '';
  if (getString(link, 'name') === 'Neo4jError') {
    const own = NEO4J_DRIVER.get(code);
    if (own !== undefined) return own;
  }
  return NEO4J_KINDS.find(([pattern]) => pattern.test(code))?.[1];
}

/** The connection or the cluster's member is gone; nothing of this is about a login. */
const NEO4J_DRIVER = tableOf({
  SERVER: 'ServiceUnavailable',
  NETWORK: 'SessionExpired',
  CLIENT: 'ProtocolError',
});
const NEO4J_KINDS: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/^Neo\.\w+\.Security\.AuthenticationRateLimit$/, 'RATE_LIMIT'],
  [/^Neo\.\w+\.Transaction\.\w*TimedOut\w*$/, 'TIMEOUT'],
  [/^Neo\.ClientError\.Cluster\.NotALeader$/, 'SERVER'],
  [/^Neo\.(?:TransientError|DatabaseError)\./, 'SERVER'],
  [/^Neo\.ClientError\.Security\./, 'AUTH'],
  [/^Neo\.ClientError\.Schema\.ConstraintV/, 'VALIDATION'],
  [/^Neo\.ClientError\./, 'CLIENT'],
];

/** Cassandra and ScyllaDB, by the number of the protocol (native_protocol_v4.spec §9), beside what its driver adds. */
function byCassandra(link: unknown): ErrorCategory | undefined {
  const code = get(link, 'code');
  const isDriver = getString(link, 'name') === 'ResponseError' && getString(link, 'info') !== undefined;
  return isDriver && typeof code === 'number' ? CASSANDRA.get(code.toString(16)) : undefined;
}

const CASSANDRA = tableOf({
  SERVER: '0 1000 1001 1002 1003 1300 1500',
  TIMEOUT: '1100 1200',
  AUTHENTICATION: '100 2100',
  VALIDATION: '2000 2200',
  CLIENT: 'a 1400 2300 2400 2500',
});

function byNamed(link: unknown): ErrorCategory | undefined {
  return categoryOfNamedCode(getString(link, 'code', 'errorCode') ?? '') ?? bySqliteNumber(link);
}

export function categoryOfNamedCode(code: string): ErrorCategory | undefined {
  return (
    NAMED.get(code) ??
    (code.startsWith('SQLITE_') ? NAMED.get(code.split('_').slice(0, 2).join('_')) : undefined)
  );
}

/** SQLite by number, as node's own module has it: the last byte of the extended code. https://sqlite.org/rescode.html */
function bySqliteNumber(link: unknown): ErrorCategory | undefined {
  const number = get(link, 'errcode');
  const isNode = getString(link, 'code') === 'ERR_SQLITE_ERROR' && typeof number === 'number';
  return isNode ? SQLITE.get(String(number % 256)) : undefined;
}

const SQLITE = tableOf({
  SERVER: '5 6 7 9 10 13 14 15 17',
  VALIDATION: '18 19 20',
  AUTHENTICATION: '3 23',
  CLIENT: '1 8 11 21 25 26',
});

/** Prisma keeps the SQLSTATE of a raw query in `meta.code`, ODBC that of a log-in in `odbcErrors`. */
function rawState(meta: unknown, key = 'code'): string | undefined {
  const code = getString(meta, key);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
