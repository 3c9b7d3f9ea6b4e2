/**
 * What a CommonJS package exports, from an `import()` of it. From the sources that is `default`; the bundle wraps a
 * dynamically imported package once more, and it is `default.default` there.
 */
export function exportsOf<T extends object>(module: { readonly default: T }): T {
  const inner = module.default as T & { readonly default?: T };
  return inner.default ?? inner;
}
