import { checkKey } from '../check-names.ts';
import { readWhole } from '../receive-body.ts';
import { changeCauseOf, type OssAnswer, type OssRequest } from '../request.ts';
import type { Store } from '../storage/store.ts';
import { childElements, malformedXml, readXml, writeXml } from '../xml.ts';
import { MAX_XML_BYTES, responseEncoding } from './listing.ts';

const MAX_KEYS = 1000;

/** DeleteObject. Also succeeds if the object does not exist. */
export function deleteObject(request: OssRequest, store: Store): OssAnswer {
  store.objects.remove(request, changeCauseOf(request, 'DeleteObject'));
  return { status: 204 };
}

/** DeleteMultipleObjects: up to 1,000 keys listed in XML. The answer lists them unless the request is quiet. */
export async function deleteMultipleObjects(request: OssRequest, store: Store): Promise<OssAnswer> {
  const { bucket } = request;
  store.buckets.require(bucket);
  const body = await readWhole(request.body, MAX_XML_BYTES);
  const document = readXml(body.toString('utf8'), 'Delete');
  const keys = childElements(document.Object).map(({ Key: key }) => {
    if (typeof key !== 'string') throw malformedXml();
    checkKey(key);
    return key;
  });
  if (keys.length === 0 || keys.length > MAX_KEYS) throw malformedXml();
  for (const [index, key] of keys.entries()) {
    store.objects.remove({ bucket, key }, changeCauseOf(request, 'DeleteObjects', index));
  }
  if (String(document.Quiet).trim().toLowerCase() === 'true') return { status: 200, body: '' };
  const { encode, encoding } = responseEncoding(request);
  const deleted = keys.map((key) => ({ Key: encode(key) }));
  return { status: 200, body: writeXml('DeleteResult', { EncodingType: encoding, Deleted: deleted }) };
}
