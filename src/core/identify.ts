import { serialization } from '@tensorflow/tfjs-core';
import { constraints, initializers, type layers, regularizers } from '@tensorflow/tfjs-layers';
import { refuse } from './args.js';
import { drawSeeds } from './drawSeeds.js';

type Conv2DArgs = Parameters<typeof layers.conv2d>[0];
/** A name such as `'heNormal'`, an instance, or its saved form. */
export type InitializerIdentifier = NonNullable<Conv2DArgs['kernelInitializer']>;
/** A name such as `'l2'`, an instance, or its saved form. */
export type RegularizerIdentifier = NonNullable<Conv2DArgs['kernelRegularizer']>;
/** A name such as `'maxNorm'`, an instance, or its saved form. */
export type ConstraintIdentifier = NonNullable<Conv2DArgs['kernelConstraint']>;

export type Initializer = ReturnType<typeof initializers.zeros>;
export type Regularizer = ReturnType<typeof regularizers.l2>;
export type Constraint = ReturnType<typeof constraints.maxNorm>;

type Saved = { className: string; config: serialization.ConfigDict };
// biome-ignore lint/suspicious/noExplicitAny: each factory has its own arguments, all optional
type Factories = Record<string, (args: any) => serialization.Serializable>;

/** The initializer that an option names; unless it has a seed, `setSeed` decides its numbers. */
export function initializer(
  owner: string,
  option: string,
  identifier: InitializerIdentifier,
): Initializer {
  return drawSeeds(identify(owner, option, identifier, initializers) as Initializer);
}

/**
 * An initializer whose random numbers `setSeed` decides, for layers of tf.layers: by themselves these
 * draw from `Math.random`. Each use of it draws others. The library's own layers need it not.
 *
 * @param identifier - A name such as `'heNormal'`, an instance, or its saved form. With a seed of its
 * own, an initializer stays as it is.
 * @throws OptionError When there is no such initializer.
 *
 * @example
 * ```ts
 * tfl.layers.conv2d({ filters: 16, kernelSize: 3, kernelInitializer: seeded('glorotNormal') });
 * ```
 */
export function seeded(identifier: InitializerIdentifier): Initializer {
  return initializer('seeded', 'the initializer', identifier);
}

/** The regularizer that an option names, or null. */
export function regularizer(
  owner: string,
  option: string,
  identifier: RegularizerIdentifier | null | undefined,
): Regularizer | null {
  return identifier == null
    ? null
    : (identify(owner, option, identifier, regularizers) as Regularizer);
}

/** The constraint that an option names, or null. */
export function constraint(
  owner: string,
  option: string,
  identifier: ConstraintIdentifier | null | undefined,
): Constraint | null {
  return identifier == null
    ? null
    : (identify(owner, option, identifier, constraints) as Constraint);
}

/** The form in which a model's JSON keeps an initializer, a regularizer or a constraint. */
export function serialize(
  object: serialization.Serializable | null,
): serialization.ConfigDict | null {
  return object && { className: object.getClassName(), config: object.getConfig() };
}

function identify(
  owner: string,
  option: string,
  identifier: unknown,
  factories: Factories,
): serialization.Serializable {
  if (identifier instanceof serialization.Serializable) return identifier;
  if (typeof identifier === 'string' && Object.hasOwn(factories, identifier)) {
    return factories[identifier]!({});
  }
  const { className, config } = (identifier ?? {}) as Saved;
  const known = serialization.SerializationMap.getMap().classNameMap;
  if (typeof className === 'string' && className in known) {
    const [cls, fromConfig] = known[className]!;
    return fromConfig(cls, config ?? {});
  }
  return refuse(owner, option, `one of ${Object.keys(factories).join(', ')}`, identifier);
}
