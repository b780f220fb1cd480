import { kindCounter } from './kerasKinds.js';
import { reasonOf, WeightsError } from './WeightsError.js';

interface LayerConfig {
  class_name?: string;
  config?: { name?: string; layers?: LayerConfig[] };
}

/**
 * The names of layers by their places in a `.keras` archive's weights, from its `config.json`:
 * `sequential/dense_1` → `predictions`. Weights of Keras before 3.6 don't hold them.
 *
 * @throws {@link WeightsError} when it isn't JSON.
 */
export function layerNames(config: Uint8Array | undefined, file: string): Map<string, string> {
  const names = new Map<string, string>();
  const visit = (layers: readonly LayerConfig[], place: string): void => {
    const nextKind = kindCounter();
    for (const { class_name, config } of layers) {
      const own = place + nextKind(String(class_name));
      if (config?.name) names.set(own, config.name);
      visit(config?.layers ?? [], `${own}/`);
    }
  };
  try {
    const model: LayerConfig = JSON.parse(new TextDecoder().decode(config ?? new Uint8Array()));
    visit(model.config?.layers ?? [], '');
  } catch (error) {
    const reason = reasonOf(error);
    throw new WeightsError(`${file}: its config.json is broken: ${reason}`, { cause: error });
  }
  return names;
}
