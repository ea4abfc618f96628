export function createActivities(serviceUrl: string, worker: string) {
  return {
    async fetchPrice(article: string): Promise<number> {
      const response = await fetch(`${serviceUrl}/price?article=${article}&worker=${worker}`);
      if (!response.ok) {
        throw Object.assign(new Error(`The price service answered ${response.status}`), {
          status: response.status,
        });
      }
      return ((await response.json()) as { price: number }).price;
    },
  };
}

export type Activities = ReturnType<typeof createActivities>;
