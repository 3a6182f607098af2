import { embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
import { d2Select } from '@coreset/selector';
import { prune } from 'coreset';
type IsAny<T> = 0 extends 1 & T ? true : false;
const a: IsAny<Awaited<ReturnType<typeof embedTexts>>['data']> = false;
const b: IsAny<Awaited<ReturnType<typeof buildGraph>>['neighbours']> = false;
const c: IsAny<ReturnType<typeof d2Select>['order']> = false;
const d: IsAny<Awaited<ReturnType<typeof prune>>['order']> = false;
