"""Tests the local OSS with an unmodified oss2, which checks every CRC-64. Arguments: endpoint, 'v1' or 'v4'."""
import os
import sys
import tempfile

import oss2

endpoint, version = sys.argv[1], sys.argv[2]
auths = {'v1': oss2.Auth, 'v4': oss2.AuthV4}
region = {'region': 'cn-hangzhou'} if version == 'v4' else {}
name = 'oss2-' + version


def bucket_with(secret='local-secret', key_id='local'):
    return oss2.Bucket(auths[version](key_id, secret), endpoint, name, is_path_style=True, **region)


def expect_error(code, call):
    try:
        call()
    except oss2.exceptions.OssError as error:
        assert error.code == code, (error.code, code)
        return
    raise AssertionError('expected the error ' + code)


bucket = bucket_with()
bucket.create_bucket()
service = oss2.Service(auths[version]('local', 'local-secret'), endpoint, **region)
assert name in [found.name for found in oss2.BucketIterator(service)]
assert bucket.get_bucket_info().name == name

key = "目录/a b+c%~!'()*.zip"
bucket.put_object(key, b'hello', headers={'x-oss-meta-kept': 'yes'})
assert bucket.get_object(key).read() == b'hello'
assert bucket.get_object(key, byte_range=(1, 3)).read() == b'ell'
assert bucket.head_object(key).headers['x-oss-meta-kept'] == 'yes'
assert bucket.object_exists(key) and not bucket.object_exists('no such')
bucket.put_object('empty', b'')
assert bucket.get_object('empty').read() == b''
bucket.put_object('chunked', (b'x' * 1000 for _ in range(100)))
assert bucket.get_object_meta('chunked').content_length == 100_000

with tempfile.TemporaryDirectory() as folder:
    source, target = os.path.join(folder, 'source'), os.path.join(folder, 'target')
    content = os.urandom(3_500_000)
    with open(source, 'wb') as file:
        file.write(content)
    store = oss2.ResumableStore(root=folder)
    oss2.resumable_upload(bucket, 'parts', source, store=store, multipart_threshold=100_000, part_size=1_000_000, num_threads=2)
    assert bucket.get_object('parts').read() == content
    down = oss2.ResumableDownloadStore(root=folder)
    oss2.resumable_download(bucket, 'parts', target, store=down, multiget_threshold=100_000, part_size=700_000)
    with open(target, 'rb') as file:
        assert file.read() == content

upload = bucket.init_multipart_upload('joined').upload_id
bucket.upload_part_copy(name, 'parts', (100, 300_000), 'joined', upload, 1)
bucket.upload_part('joined', upload, 2, b'tail')
parts = [oss2.models.PartInfo(part.part_number, part.etag) for part in oss2.PartIterator(bucket, 'joined', upload, max_parts=1)]
bucket.complete_multipart_upload('joined', upload, parts)
assert bucket.get_object('joined').read() == content[100:300_001] + b'tail'

for index in range(25):
    bucket.put_object('list/%d/%02d' % (index // 5, index), b'x')
found = [entry.key for entry in oss2.ObjectIterator(bucket, prefix='list/', delimiter='/', max_keys=2)]
assert found == ['list/%d/' % index for index in range(5)], found
assert len(list(oss2.ObjectIteratorV2(bucket, prefix='list/', max_keys=3))) == 25

appended = bucket.append_object('appended', 0, b'one ')
appended = bucket.append_object('appended', appended.next_position, b'two', init_crc=appended.crc)
assert appended.next_position == 7 and bucket.get_object('appended').read() == b'one two'
expect_error('PositionNotEqualToLength', lambda: bucket.append_object('appended', 3, b'x'))

bucket.copy_object(name, key, 'copy 中')
assert bucket.get_object('copy 中').read() == b'hello'
expect_error('SignatureDoesNotMatch', lambda: bucket_with(secret='wrong').get_object(key))
expect_error('InvalidAccessKeyId', lambda: bucket_with(key_id='who').get_object(key))
expect_error('InvalidDigest', lambda: bucket.put_object('x', b'x', headers={'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg=='}))
expect_error('BucketNotEmpty', bucket.delete_bucket)
everything = [entry.key for entry in oss2.ObjectIterator(bucket)]
assert sorted(bucket.batch_delete_objects(everything).deleted_keys) == sorted(everything)
bucket.delete_bucket()
expect_error('NoSuchBucket', bucket.get_bucket_info)
