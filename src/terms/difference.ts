/** One field that is different; as text, as the definitions have it. Absent: it was not, or is not there. */
export interface FieldDifference {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** What is different about one thing of the definitions. */
export interface Difference {
  readonly kind: 'service' | 'device' | 'pool' | 'interface' | 'health';
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly fields: readonly FieldDifference[];
  /** What stays the same about it. */
  readonly same: readonly { readonly field: string; readonly value: string }[];
}
