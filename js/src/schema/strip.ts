/** Takes out properties that a schema does not know. */

/** A JSON Schema, or `true` and `false`. @internal */
export type SchemaNode = boolean | { readonly [keyword: string]: unknown };

/** Finds the schema that a `$ref` names, from the node that holds it. @internal */
export type Resolve = (node: object) => SchemaNode | undefined;

const MAX_DEPTH = 64;

/**
 * A copy of a value with the properties that `properties`, `patternProperties`, `allOf` and `$ref` know. Where a
 * schema names no property, or says what further ones must be, everything stays.
 * @internal
 */
export function strip(
  value: unknown,
  schema: SchemaNode,
  resolve: Resolve,
  matches: (pattern: string, key: string) => boolean,
): unknown {
  const walk = (value: unknown, nodes: readonly SchemaNode[], depth: number): unknown => {
    if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value;
    const all = nodes.flatMap((node) => together(node, resolve));
    if (Array.isArray(value)) {
      return value.map((item, at) =>
        walk(
          item,
          all.flatMap((node) => itemNodes(node, at)),
          depth + 1,
        ),
      );
    }
    const names = all.some((node) => isRecord(node['properties']) || isRecord(node['patternProperties']));
    const open = all.some(
      (node) => node['additionalProperties'] !== undefined && node['additionalProperties'] !== false,
    );
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const found = all.flatMap((node) => propertyNodes(node, key, matches));
      if (found.length > 0 || !names || open) {
        // A key such as `__proto__` must become a property, not the prototype.
        Object.defineProperty(copy, key, {
          value: walk((value as Record<string, unknown>)[key], found, depth + 1),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    return copy;
  };
  return walk(value, [schema], 0);
}

/** A node with those that `allOf` and `$ref` add to it. */
function together(node: SchemaNode, resolve: Resolve): { readonly [keyword: string]: unknown }[] {
  const found = new Set<{ readonly [keyword: string]: unknown }>();
  const open: SchemaNode[] = [node];
  while (open.length > 0 && found.size < 1_000) {
    const next = open.pop();
    if (!isRecord(next) || found.has(next)) continue;
    found.add(next);
    if (Array.isArray(next['allOf'])) open.push(...(next['allOf'] as SchemaNode[]));
    if (typeof next['$ref'] === 'string') {
      const target = resolve(next);
      if (target !== undefined) open.push(target);
    }
  }
  return [...found];
}

function propertyNodes(
  node: { readonly [keyword: string]: unknown },
  key: string,
  matches: (pattern: string, key: string) => boolean,
): SchemaNode[] {
  const found: SchemaNode[] = [];
  const named = node['properties'];
  if (isRecord(named) && Object.hasOwn(named, key)) found.push(named[key] as SchemaNode);
  const patterns = node['patternProperties'];
  if (isRecord(patterns)) {
    for (const pattern of Object.keys(patterns))
      if (matches(pattern, key)) found.push(patterns[pattern] as SchemaNode);
  }
  return found;
}

function itemNodes(node: { readonly [keyword: string]: unknown }, at: number): SchemaNode[] {
  const prefix = node['prefixItems'];
  if (Array.isArray(prefix) && at < prefix.length) return [prefix[at] as SchemaNode];
  const items = node['items'];
  return isRecord(items) || typeof items === 'boolean' ? [items] : [];
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
