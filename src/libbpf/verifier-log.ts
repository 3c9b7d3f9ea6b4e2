/** The verifier's log, which can have a million lines, in one. */

/** Lines of statistics, which come last and say nothing of why. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states|total_states|peak_states|mark_read)/;

/**
 * The line that says why, and the line of source it is about, if the log has one.
 * `R0 invalid mem access 'map_value_or_null', at "return *value;" (41 lines of log)`
 */
export function summarise(log: string): string | undefined {
  const lines = log.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !STATISTICS.test(line));
  const reason = telling.findLast((line) => !line.startsWith(';'));
  if (reason === undefined) return undefined;
  const source = telling.findLast((line) => line.startsWith('; '))?.slice(2);
  const place = source ? `, at "${source.replace(/ @ \S+:\d+$/, '')}"` : '';
  return `${reason}${place} (${telling.length} lines of log)`;
}
