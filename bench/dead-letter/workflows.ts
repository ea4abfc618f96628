/** A workflow that does nothing: the least a start can cost. */
export async function empty(): Promise<void> {}
