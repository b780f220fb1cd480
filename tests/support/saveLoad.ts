import { io, type Tensor } from '@tensorflow/tfjs-core';
import { type LayersModel, type LayerVariable, loadLayersModel } from '@tensorflow/tfjs-layers';

/** Saves a model to memory, JSON and all, and loads it again. */
export async function saveAndLoad(model: LayersModel): Promise<LayersModel> {
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = { ...artifacts, modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)) };
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return loadLayersModel(io.fromMemory(saved!));
}

/** The values of several tensors, in order. */
export async function valuesOf(tensors: Tensor[]): Promise<number[][]> {
  return Promise.all(tensors.map(async (t) => Array.from(await t.data())));
}

/** A weight's own name, without the scope of its layer. */
export function nameOf(weight: LayerVariable): string {
  return weight.originalName.split('/').at(-1)!;
}

/**
 * Disposes every weight of a model. `model.dispose()` forgets those of a model inside it, which
 * counts its own use as another one.
 */
export function disposeWeights(model: LayersModel): void {
  for (const weight of new Set(model.weights)) weight.dispose();
}
