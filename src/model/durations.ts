const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;
const DURATION = /^((?:0|[1-9]\d{0,8})(?:\.\d{1,6})?)(ms|s|m)$/;

export const DURATION_CURE = 'write a time as in 10ms, 1s or 2m';

/** Milliseconds of "10ms", "1.5s" or "2m"; undefined for anything else, and for no time at all. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const time = Number(count) * UNITS[unit as keyof typeof UNITS];
  return time > 0 ? time : undefined;
}

/** As it is written in a definition file. */
export function durationText(ms: number): string {
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
