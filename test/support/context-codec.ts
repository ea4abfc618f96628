import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec.js';

const BOUND_TO = 'bound-to';

/** Encrypts, and reads only in the context that it encoded for. Counts the calls that came without a context. */
export class ContextCodec implements PayloadCodec {
  withoutContext = 0;
  /** What it cannot read while this says so; asked with the text of the payload and its context. */
  locked: (text: string, context: string) => boolean = () => false;
  /** How often it refused to read because of that. */
  refused = 0;
  /** Stands for the namespace of the context: the SDK replays histories in one of its own. */
  namespace: string | undefined;
  private context = '';
  private readonly inner = new EncryptionCodec('context', (text) => {
    const isLocked = this.locked(text, this.context);
    if (isLocked) this.refused++;
    return !isLocked;
  });

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const boundTo = Buffer.from(this.nameOf(context));
    const encoded = await this.inner.encode(payloads);
    return encoded.map(({ metadata, data }) => ({ metadata: { ...metadata, [BOUND_TO]: boundTo }, data }));
  }

  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    const name = this.nameOf(context);
    for (const { metadata } of payloads) {
      const boundTo = metadata?.[BOUND_TO] && Buffer.from(metadata[BOUND_TO]).toString();
      if (boundTo === undefined || boundTo === null) continue;
      if (boundTo !== name) throw new Error(`Encoded for ${boundTo}, decoded for ${name}`);
    }
    // Read before `decode` waits for anything.
    this.context = name;
    return this.inner.decode(payloads);
  }

  private nameOf(context: SerializationContext | undefined): string {
    if (context === undefined) this.withoutContext++;
    const { type, workflowId } = context ?? {};
    const namespace = this.namespace ?? context?.namespace;
    const activity = context?.type === 'activity' ? context.activityId : undefined;
    return [type, namespace, workflowId, activity].join(' ');
  }
}
