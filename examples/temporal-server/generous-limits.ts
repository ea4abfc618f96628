/** Dynamic configuration without the rate limits a server has by default, which are for production. */
export const GENEROUS_LIMITS = {
  'frontend.rps': '20000',
  'frontend.namespaceRPS': '20000',
  'frontend.namespaceRPS.visibility': '2000',
  'history.rps': '20000',
  'matching.rps': '20000',
};
