import type { layers } from '@tensorflow/tfjs-layers';

/** A layer that owns layers: a block, or a model inside a model. */
export interface Composite {
  /** The layers inside, in the order in which they run, each under a name of its own. */
  readonly innerLayers: readonly (readonly [name: string, layer: layers.Layer])[];
}

/** A layer and the names that lead to it, the outermost first. */
export interface Place {
  path: string[];
  layer: layers.Layer;
}

/** The layers directly inside a model or a block; none inside an ordinary layer. */
export function innerLayers(layer: layers.Layer): Composite['innerLayers'] {
  if ('innerLayers' in layer) return (layer as unknown as Composite).innerLayers;
  const nested = (layer as unknown as { layers?: layers.Layer[] }).layers;
  return nested?.map((inner) => [inner.name, inner] as const) ?? [];
}

/** Every layer inside a model or a block, each followed by the layers inside it. */
export function* walk(layer: layers.Layer, path: string[] = []): Generator<Place> {
  for (const [name, inner] of innerLayers(layer)) {
    const place = { path: [...path, name], layer: inner };
    yield place;
    yield* walk(inner, place.path);
  }
}
