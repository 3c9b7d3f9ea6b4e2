/** What most scenarios share: the addresses of the tables, and the world outside. */
import { clientBehindRouter } from '../lab/roles.ts';

/** The client. */
export const U1 = '203.0.113.7';
/** A service address. */
export const W1 = '198.51.100.10';
/** Real addresses of servers, on i1. */
export const S1 = '10.0.1.11';
export const S2 = '10.0.1.12';

/** The engine's addresses on its interfaces. */
export const ENGINE_ADDRESSES = {
  i0: ['192.0.2.2/24'],
  i1: ['10.0.1.2/24'],
  i2: ['10.0.2.2/24'],
  i3: ['10.0.3.2/24'],
} as const;

/** Client and router in front of i0, with the router's routes. Hosts 1 and 2: the next has 02:00:00:00:03:01. */
export const clientRoutes = (routes: readonly string[]) =>
  clientBehindRouter({
    on: 'i0',
    client: [`${U1}/24`],
    clientGateway: ['203.0.113.1/24'],
    router: ['192.0.2.1/24'],
    routes,
  });

/** The same; the router sends service addresses to the engine. */
export const outside = clientRoutes(['198.51.100.0/24 via 192.0.2.2']);

/** The definitions' part that goes with it. */
export const CLIENTS_ON_I0 = 'i0: {faces: clients, gateway: 192.0.2.1}';
