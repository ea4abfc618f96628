import type { NativeConnectionOptions } from '@temporalio/worker';
import type { GlobalFlags } from './flags.js';
import type { TlsProfile } from './profile.js';

/** Flags on top of what environment and profile say. */
export function tlsOf(flags: Partial<GlobalFlags>, loaded?: TlsProfile): TlsProfile | undefined {
  const given = (path?: string, data?: string) =>
    path !== undefined ? { path } : data !== undefined ? { data } : undefined;
  const parts: [keyof TlsProfile, TlsProfile[keyof TlsProfile]][] = [
    ['serverName', flags.tlsServerName],
    ['clientCert', given(flags.tlsCertPath, flags.tlsCertData)],
    ['clientKey', given(flags.tlsKeyPath, flags.tlsKeyData)],
    ['serverCACert', given(flags.tlsCaPath, flags.tlsCaData)],
  ];
  const byFlags = Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  if (flags.tls === false) return { ...loaded, ...byFlags, disabled: true };
  const any =
    flags.tls === true || flags.tlsDisableHostVerification === true || Object.keys(byFlags).length > 0;
  if (!any) return loaded;
  const { disabled: _, ...rest } = loaded ?? {};
  return { ...rest, ...byFlags };
}

/** For people; nothing secret. */
export function tlsText(tls: NativeConnectionOptions['tls'], trustsAnyCertificate: boolean): string {
  if (!tls) return 'off';
  const { clientCertPair, serverNameOverride, serverRootCACertificate } = tls === true ? {} : tls;
  const parts = [
    clientCertPair && 'client certificate',
    serverRootCACertificate && 'own authority',
    serverNameOverride && `server name ${serverNameOverride}`,
    trustsAnyCertificate && 'any certificate',
  ].filter(Boolean);
  return parts.length === 0 ? 'on' : `on (${parts.join(', ')})`;
}
