/** Addresses in the Temporal UI. */
export interface UiLinks {
  workflow(id: string): string;
  /** All workflows a visibility query finds. */
  list(query: string): string;
}

export function uiLinks(uiUrl: string, namespace: string): UiLinks {
  const workflows = `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return {
    workflow: (id) => `${workflows}/${encodeURIComponent(id)}`,
    list: (query) => `${workflows}?query=${encodeURIComponent(query)}`,
  };
}
