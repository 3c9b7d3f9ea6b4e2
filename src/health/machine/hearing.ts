import type { Agenda } from './agenda.ts';
import type { Gauge } from './gauge.ts';
import type { Guard } from './guard.ts';
import type { Hint, ProbeResult } from './report.ts';
import type { Roster } from './roster.ts';
import type { Verdict } from './run.ts';
import { nameOf, type Subject } from './subject.ts';
import type { Watch } from './watch.ts';

/** Alarms of one device, and messages of them, are at least so far apart. */
const ALARM_AGAIN = 1000;
const TELL_AGAIN = 10_000;

/** Brings what was heard to the device it is about; nothing is decided here. */
export class Hearing {
  readonly #roster: Roster;
  readonly #guard: Guard;
  readonly #agenda: Agenda;

  constructor(roster: Roster, guard: Guard, agenda: Agenda) {
    this.#roster = roster;
    this.#guard = guard;
    this.#agenda = agenda;
  }

  result(result: ProbeResult, now: number): void {
    const entry = this.#roster.watch(result.device, result.probe);
    if (entry === undefined) return;
    const { subject, watch } = entry;
    const before = watch.verdict;
    const changed = watch.observe(result, now, this.#guard.notBefore, this.#guard.late);
    if (watch.weight === 0 && watch.verdict !== before) this.#reportProbe(subject, watch, before, now);
    if (changed || subject.alarm !== undefined || subject.confirming !== undefined) this.#agenda.look(subject, 'probe');
    for (const gauge of subject.gauges) {
      const { of, measure } = gauge.spec;
      if (of !== watch.spec.name || (measure !== 'latency' && measure !== 'loss')) continue;
      const value = watch[measure];
      if (value !== undefined && gauge.observe(value)) this.#measured(subject, gauge, now);
    }
  }

  hint(hint: Hint, now: number): void {
    const device = this.#roster.device(hint.device);
    if (device === undefined) return;
    if (hint.kind === 'frames') this.#frames(device, hint, now);
    else if (hint.kind === 'link') this.#link(device, hint, now);
    else if (hint.kind === 'syns') this.#syns(device, hint, now);
    else this.#measure(device, hint, now);
  }

  #measure(device: Subject, hint: Hint & { kind: 'measure' }, now: number): void {
    const subject = this.#roster.application(hint.device, hint.application) ?? device;
    for (const gauge of subject.gauges) {
      const { of, measure } = gauge.spec;
      if (of === undefined && measure === hint.measure && gauge.observe(hint.value))
        this.#measured(subject, gauge, now);
    }
  }

  #frames(device: Subject, hint: Hint & { kind: 'frames' }, now: number): void {
    const missing = device.silence.observe(hint, device.spec.alarm.frames);
    if (missing !== undefined) this.#alarm(device, `${missing} frames went in (${hint.direction}), none came out`, now);
    if (hint.outOf === 0) return;
    for (const { watches } of this.#roster.of(hint.device)) {
      for (const watch of watches) watch.heard(hint.direction, (hint.since + hint.until) / 2);
    }
    if (device.alarm === undefined) return;
    device.alarm = undefined;
    this.#agenda.look(device, 'traffic');
  }

  #syns(device: Subject, { application, repeated }: Hint & { kind: 'syns' }, now: number): void {
    const subject = this.#roster.application(device.spec.name, application) ?? device;
    if (repeated < subject.spec.alarm.syns) return;
    this.#alarm(subject, `${repeated} SYNs of one connection in a row, nothing else following`, now);
  }

  #alarm(subject: Subject, words: string, now: number): void {
    if (now < subject.alarmedAt + ALARM_AGAIN) return;
    subject.alarmedAt = now;
    subject.alarm = subject.lastAlarm = { at: now, words };
    for (const { spec } of subject.watches) {
      this.#agenda.act({ kind: 'probe', device: subject.spec.name, probe: spec.name });
    }
    this.#agenda.look(subject, 'traffic');
    if (now < subject.toldAlarmAt + TELL_AGAIN) return;
    subject.toldAlarmAt = now;
    this.#agenda.tell({ at: now, what: 'alarm', ...nameOf(subject), reason: words, trigger: 'traffic' });
  }

  #link(device: Subject, { leg, up, own }: Hint & { kind: 'link' }, now: number): void {
    if (own === true) for (const subject of this.#roster.of(device.spec.name)) subject.excuse(now);
    if (up === !device.downLegs.has(leg)) return;
    if (up) device.downLegs.delete(leg);
    else device.downLegs.add(leg);
    for (const subject of this.#roster.of(device.spec.name)) {
      if (device.downLegs.size === 0) subject.unexcuse(now);
      for (const watch of subject.watches) watch.cut();
      this.#agenda.look(subject, 'link');
    }
  }

  /** First answers are no news. */
  #reportProbe(subject: Subject, watch: Watch, from: Verdict, now: number): void {
    const { spec, verdict: to } = watch;
    if (spec.trial === true || (to === 'passing' && from === 'unknown')) return;
    this.#agenda.tell({
      at: now,
      what: 'probe',
      ...nameOf(subject),
      from,
      to,
      reason: watch.words(),
      trigger: 'probe',
    });
  }

  #measured(subject: Subject, gauge: Gauge, now: number): void {
    if (gauge.weight > 0) this.#agenda.look(subject, 'measure');
    else this.#report(subject, gauge, now);
  }

  #report(subject: Subject, gauge: Gauge, now: number): void {
    const what = gauge.verdict === 'failing' ? 'slow' : 'fast';
    // The first good measurements are no news.
    if (what === 'fast' && !gauge.toldSlow) return;
    gauge.toldSlow = what === 'slow';
    this.#agenda.tell({ at: now, what, ...nameOf(subject), reason: gauge.words(), trigger: 'measure' });
  }
}
