// Written by tools/proto.js from events.proto: change that file, not this one.

import type { PbfWriter } from 'pbf';

export interface Event {
  wall_time?: number;
  step?: number;
  file_version?: string;
  graph_def?: Uint8Array;
  summary?: Summary;
}

export interface Summary {
  value?: SummaryValue[];
}

export interface SummaryValue {
  tag?: string;
  simple_value?: number;
  histo?: Histogram;
  tensor?: Tensor;
  metadata?: SummaryMetadata;
}

export interface SummaryMetadata {
  plugin_data?: PluginData;
}

export interface PluginData {
  plugin_name?: string;
}

export interface Histogram {
  min?: number;
  max?: number;
  num?: number;
  sum?: number;
  sum_squares?: number;
  bucket_limit?: number[];
  bucket?: number[];
}

export interface Tensor {
  dtype?: DataType;
  tensor_shape?: TensorShape;
  string_val?: Uint8Array[];
}

export interface TensorShape {
  dim?: Dimension[];
}

export interface Dimension {
  size?: number;
}

export interface GraphDef {
  node?: NodeDef[];
  versions?: Versions;
}

export interface Versions {
  producer?: number;
}

export interface NodeDef {
  name?: string;
  op?: string;
  input?: string[];
  attr?: Record<string, AttrValue>;
}

export interface AttrValue {
  list?: ListValue;
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: DataType;
  shape?: TensorShape;
}

export interface ListValue {
  shape?: TensorShape[];
}

export type DataType = (typeof DataType)[keyof typeof DataType];

export const DataType = {
    "DT_INVALID": 0,
    "DT_FLOAT": 1,
    "DT_INT32": 3,
    "DT_STRING": 7,
    "DT_COMPLEX64": 8,
    "DT_BOOL": 10
} as const;

export function writeEvent(obj: Event, pbf: PbfWriter): void {
    if (obj.wall_time) pbf.writeDoubleField(1, obj.wall_time);
    if (obj.step) pbf.writeVarintField(2, obj.step);
    if (obj.file_version != null) pbf.writeStringField(3, obj.file_version);
    if (obj.graph_def != null) pbf.writeBytesField(4, obj.graph_def);
    if (obj.summary) pbf.writeMessage(5, writeSummary, obj.summary);
}

export function writeSummary(obj: Summary, pbf: PbfWriter): void {
    if (obj.value) for (const item of obj.value) pbf.writeMessage(1, writeSummaryValue, item);
}

export function writeSummaryValue(obj: SummaryValue, pbf: PbfWriter): void {
    if (obj.tag) pbf.writeStringField(1, obj.tag);
    if (obj.simple_value != null) pbf.writeFloatField(2, obj.simple_value);
    if (obj.histo) pbf.writeMessage(5, writeHistogram, obj.histo);
    if (obj.tensor) pbf.writeMessage(8, writeTensor, obj.tensor);
    if (obj.metadata) pbf.writeMessage(9, writeSummaryMetadata, obj.metadata);
}

export function writeSummaryMetadata(obj: SummaryMetadata, pbf: PbfWriter): void {
    if (obj.plugin_data) pbf.writeMessage(1, writePluginData, obj.plugin_data);
}

export function writePluginData(obj: PluginData, pbf: PbfWriter): void {
    if (obj.plugin_name) pbf.writeStringField(1, obj.plugin_name);
}

export function writeHistogram(obj: Histogram, pbf: PbfWriter): void {
    if (obj.min) pbf.writeDoubleField(1, obj.min);
    if (obj.max) pbf.writeDoubleField(2, obj.max);
    if (obj.num) pbf.writeDoubleField(3, obj.num);
    if (obj.sum) pbf.writeDoubleField(4, obj.sum);
    if (obj.sum_squares) pbf.writeDoubleField(5, obj.sum_squares);
    if (obj.bucket_limit) pbf.writePackedDouble(6, obj.bucket_limit);
    if (obj.bucket) pbf.writePackedDouble(7, obj.bucket);
}

export function writeTensor(obj: Tensor, pbf: PbfWriter): void {
    if (obj.dtype) pbf.writeVarintField(1, obj.dtype);
    if (obj.tensor_shape) pbf.writeMessage(2, writeTensorShape, obj.tensor_shape);
    if (obj.string_val) for (const item of obj.string_val) pbf.writeBytesField(8, item);
}

export function writeTensorShape(obj: TensorShape, pbf: PbfWriter): void {
    if (obj.dim) for (const item of obj.dim) pbf.writeMessage(2, writeDimension, item);
}

export function writeDimension(obj: Dimension, pbf: PbfWriter): void {
    if (obj.size) pbf.writeVarintField(1, obj.size);
}

export function writeGraphDef(obj: GraphDef, pbf: PbfWriter): void {
    if (obj.node) for (const item of obj.node) pbf.writeMessage(1, writeNodeDef, item);
    if (obj.versions) pbf.writeMessage(4, writeVersions, obj.versions);
}

export function writeVersions(obj: Versions, pbf: PbfWriter): void {
    if (obj.producer) pbf.writeVarintField(1, obj.producer);
}

export function writeNodeDef(obj: NodeDef, pbf: PbfWriter): void {
    if (obj.name) pbf.writeStringField(1, obj.name);
    if (obj.op) pbf.writeStringField(2, obj.op);
    if (obj.input) for (const item of obj.input) pbf.writeStringField(3, item);
    if (obj.attr) for (const key of Object.keys(obj.attr)) pbf.writeMessage(5, writeNodeDefAttrEntry, {key, value: obj.attr[key]});
}

export function writeNodeDefAttrEntry(obj: { key: string; value: AttrValue }, pbf: PbfWriter): void {
    if (obj.key) pbf.writeStringField(1, obj.key);
    if (obj.value) pbf.writeMessage(2, writeAttrValue, obj.value);
}

export function writeAttrValue(obj: AttrValue, pbf: PbfWriter): void {
    if (obj.list) pbf.writeMessage(1, writeListValue, obj.list);
    if (obj.s != null) pbf.writeBytesField(2, obj.s);
    if (obj.i != null) pbf.writeVarintField(3, obj.i);
    if (obj.f != null) pbf.writeFloatField(4, obj.f);
    if (obj.b != null) pbf.writeBooleanField(5, obj.b);
    if (obj.type != null) pbf.writeVarintField(6, obj.type);
    if (obj.shape) pbf.writeMessage(7, writeTensorShape, obj.shape);
}

export function writeListValue(obj: ListValue, pbf: PbfWriter): void {
    if (obj.shape) for (const item of obj.shape) pbf.writeMessage(7, writeTensorShape, item);
}
