/** Where a pool's packets go. `next`: to where that pool's packets go. */
export type Target =
  | { readonly to: 'member'; readonly member: string }
  | { readonly to: 'bypass' | 'drop' }
  | { readonly to: 'next'; readonly pool: string };
