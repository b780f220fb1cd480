import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { OptionError } from '../core/args.js';

/**
 * The tensors inside a network of {@link resNetV1} or {@link resNetV2}, by name: `stem`; each block's
 * output, `stage1_block1` …; each stage's, `stage1` … `stage4`; `features`, what is pooled; and
 * `logits`. Also of a network that was loaded.
 *
 * @throws {@link OptionError} for another model.
 *
 * @example
 * A feature pyramid:
 * ```ts
 * const { stage2, stage3, stage4 } = endPoints(network);
 * const pyramid = tfl.model({ inputs: network.inputs, outputs: [stage2, stage3, stage4] });
 * ```
 */
export function endPoints(network: LayersModel): Record<string, SymbolicTensor> {
  const points: Record<string, SymbolicTensor> = {};
  for (const layer of network.layers) {
    const stage = /^(stage\d+)_block\d+$/.exec(layer.name)?.[1];
    const output = layer.getOutputAt(0) as SymbolicTensor;
    if (stage) {
      points.stem ??= layer.getInputAt(0) as SymbolicTensor;
      points[layer.name] = points[stage] = points.features = output;
    }
    if (layer.name === 'final_bn') points.features = output;
    if (layer.name === 'logits') points.logits = output;
  }
  if (!points.stem) {
    throw new OptionError(`endPoints: '${network.name}' is no network of resNetV1 or resNetV2`);
  }
  return points;
}
