import { LayersModel, type layers } from '@tensorflow/tfjs-layers';

/** A layer that owns layers: a block. */
export interface Composite {
  /** The graph of the layers inside, from the block's input to its output; once it is built. */
  readonly inner: LayersModel;
}

/** A layer and the names that lead to it, the outermost first. */
export interface Place {
  path: string[];
  layer: layers.Layer;
}

/** The graph inside a model (its own) or a block that is built; none inside an ordinary layer. */
export function modelInside(layer: layers.Layer): LayersModel | undefined {
  if (layer instanceof LayersModel) return layer;
  if (!layer.built || !('inner' in layer)) return undefined;
  return layer.inner instanceof LayersModel ? layer.inner : undefined;
}

/** The layers directly inside a model or a block, by name; none inside an ordinary layer. */
export function innerLayers(layer: layers.Layer): [name: string, layer: layers.Layer][] {
  return modelInside(layer)?.layers.map((inner) => [inner.name, inner]) ?? [];
}

/** Every layer inside a model or a block, each followed by the layers inside it. */
export function* walk(layer: layers.Layer, path: string[] = []): Generator<Place> {
  for (const [name, inner] of innerLayers(layer)) {
    const place = { path: [...path, name], layer: inner };
    yield place;
    yield* walk(inner, place.path);
  }
}
