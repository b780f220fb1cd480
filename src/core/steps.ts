import { LayersModel, type layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;

/** One call of a layer inside a model. */
export interface Step {
  layer: Layer;
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
}

/** Whether a layer is a model, which opens into the steps inside it. */
export function isModel(layer: Layer): layer is LayersModel {
  return layer instanceof LayersModel;
}

/**
 * The calls that lead from a model's inputs to its outputs, each after the ones it needs. The steps
 * of a nested model are its own: here it is one step.
 */
export function stepsOf(model: LayersModel): Step[] {
  return model.getClassName() === 'Sequential' ? chain(model) : reachable(model);
}

// A Sequential whose first layer is a model has that model's own outputs in its graph, which would
// lead past the model into its layers; the list of layers tells it as it was made.
function chain(model: LayersModel): Step[] {
  const steps: Step[] = [];
  let inputs = model.inputs;
  for (const layer of model.layers) {
    const outputs = isModel(layer) && steps.length === 0 ? layer.outputs : callOn(layer, inputs);
    // An input layer hands its own tensor on.
    if (outputs[0] !== inputs[0]) steps.push({ layer, inputs, outputs });
    inputs = outputs;
  }
  return steps;
}

function callOn(layer: Layer, inputs: SymbolicTensor[]): SymbolicTensor[] {
  return layer.inboundNodes.find((node) => node.inputTensors[0] === inputs[0])!.outputTensors;
}

function reachable(model: LayersModel): Step[] {
  const nodes = new Set<Layer['inboundNodes'][number]>();
  const pending = [...model.outputs];
  while (pending.length > 0) {
    const tensor = pending.pop()!;
    if (model.inputs.includes(tensor)) continue;
    const node = tensor.sourceLayer.inboundNodes[tensor.nodeIndex]!;
    if (nodes.has(node)) continue;
    nodes.add(node);
    pending.push(...node.inputTensors);
  }
  // A call is made after the calls that it takes its inputs from, and its id is higher.
  return [...nodes]
    .sort((a, b) => a.id - b.id)
    .map((node) => ({
      layer: node.outboundLayer,
      inputs: node.inputTensors,
      outputs: node.outputTensors,
    }));
}
