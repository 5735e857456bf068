"""Calls a Tablestore with the unmodified Python SDK, which checks the signature of every answer.

Standard input: {"endpoint", "instance", "keyId", "secret", "cases": [{"name", "calls": [call, ...]}, ...]}.
Standard output: an array with one array per case, which has one entry per call: {"result": ...} or {"error": {...}}.
"""
import base64
import json
import logging
import sys
import traceback

import tablestore as ots

ENDS = {'min': ots.INF_MIN, 'max': ots.INF_MAX, 'auto': ots.PK_AUTO_INCR}
ROWS = {'ignore': 'IGNORE', 'exist': 'EXPECT_EXIST', 'absent': 'EXPECT_NOT_EXIST'}
COMPARATORS = {
    '=': ots.ComparatorType.EQUAL,
    '!=': ots.ComparatorType.NOT_EQUAL,
    '>': ots.ComparatorType.GREATER_THAN,
    '>=': ots.ComparatorType.GREATER_EQUAL,
    '<': ots.ComparatorType.LESS_THAN,
    '<=': ots.ComparatorType.LESS_EQUAL,
}


def value_in(value):
    if not isinstance(value, dict):
        return value
    if 'int' in value:
        return int(value['int'])
    if 'double' in value:
        return float(value['double'])
    if 'bin' in value:
        return bytearray(base64.b64decode(value['bin']))
    return ENDS[value['mark']]


def value_out(value):
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {'int': str(value)}
    if isinstance(value, float):
        return {'double': value}
    return {'bin': base64.b64encode(bytes(value)).decode()}


def columns_in(columns):
    return [(column[0], value_in(column[1]), *column[2:]) for column in columns]


def key_in(key):
    return [(name, value_in(value)) for name, value in key]


def key_out(key):
    return [[name, value_out(value)] for name, value in key]


def row_out(row, call):
    if row is None:
        return None
    versions = call.get('versions', False)
    columns = [[name, value_out(value)] + ([time] if versions else []) for name, value, time in row.attribute_columns]
    return {'key': key_out(row.primary_key), 'columns': columns}


def filter_in(condition):
    if condition is None:
        return None
    if 'column' in condition:
        return ots.SingleColumnCondition(
            condition['column'],
            value_in(condition['value']),
            COMPARATORS[condition['is']],
            condition.get('passIfMissing', True),
            condition.get('latestOnly', True),
        )
    (name, parts), = condition.items()
    composite = ots.CompositeColumnCondition(getattr(ots.LogicalOperator, name.upper()))
    for part in parts:
        composite.add_sub_condition(filter_in(part))
    return composite


def condition_in(condition):
    condition = condition or {}
    return ots.Condition(ROWS[condition.get('row', 'ignore')], filter_in(condition.get('filter')))


def read_options(call):
    times = call.get('times')
    return {
        'columns_to_get': call.get('only', []),
        'column_filter': filter_in(call.get('filter')),
        'max_version': call.get('maxVersions', None if times else 1),
        'time_range': tuple(times) if isinstance(times, list) else times,
    }


def changes_in(call):
    changes = {}
    if 'put' in call:
        changes['PUT'] = columns_in(call['put'])
    if 'deleteVersions' in call:
        changes['DELETE'] = [(name, None, time) for name, time in call['deleteVersions']]
    if 'deleteColumns' in call:
        changes['DELETE_ALL'] = call['deleteColumns']
    if 'increment' in call:
        changes['INCREMENT'] = columns_in(call['increment'])
    return changes


def return_type(call):
    return ots.ReturnType.RT_PK if call.get('returnKey') else None


def write_result(row):
    return {} if row is None else {'key': key_out(row.primary_key)}


def create_table(client, call):
    numbered = [ots.PK_AUTO_INCR]
    keys = [(column[0], column[1], *numbered[:len(column) - 2]) for column in call['keys']]
    meta = ots.TableMeta(call['table'], keys)
    options = ots.TableOptions(call.get('timeToLive', -1), call.get('maxVersions', 1), call.get('deviation', 86400))
    client.create_table(meta, options, ots.ReservedThroughput(ots.CapacityUnit(0, 0)))
    return {}


def describe_table(client, call):
    answer = client.describe_table(call['table'])
    options = answer.table_options
    return {
        'keys': [list(column) for column in answer.table_meta.schema_of_primary_key],
        'timeToLive': options.time_to_live,
        'maxVersions': options.max_version,
        'deviation': options.max_time_deviation,
    }


def update_table(client, call):
    options = ots.TableOptions(call.get('timeToLive'), call.get('maxVersions'), call.get('deviation'))
    options = client.update_table(call['table'], options).table_options
    return {'timeToLive': options.time_to_live, 'maxVersions': options.max_version, 'deviation': options.max_time_deviation}


def put_row(client, call):
    row = ots.Row(key_in(call['key']), columns_in(call['columns']))
    return write_result(client.put_row(call['table'], row, condition_in(call.get('condition')), return_type(call))[1])


def update_row(client, call):
    row = ots.Row(key_in(call['key']), changes_in(call))
    return write_result(client.update_row(call['table'], row, condition_in(call.get('condition')), return_type(call))[1])


def delete_row(client, call):
    row = ots.Row(key_in(call['key']))
    return write_result(client.delete_row(call['table'], row, condition_in(call.get('condition')), return_type(call))[1])


def get_row(client, call):
    _, row, _ = client.get_row(call['table'], key_in(call['key']), **read_options(call))
    return {'row': row_out(row, call)}


def get_range(client, call):
    _, after, rows, _ = client.get_range(
        call['table'],
        call.get('direction', 'FORWARD'),
        key_in(call['start']),
        key_in(call['end']),
        limit=call.get('limit'),
        **read_options(call),
    )
    return {'rows': [row_out(row, call) for row in rows], 'next': None if after is None else key_out(after)}


def batch_row_out(row, out):
    if row.is_ok:
        return {'ok': True, **out(row)}
    return {'ok': False, 'code': row.error_code, 'message': row.error_message}


def batch_get_row(client, call):
    request = ots.BatchGetRowRequest()
    for table in call['tables']:
        keys = [key_in(key) for key in table['keys']]
        options = read_options(table)
        request.add(ots.TableInBatchGetRowItem(
            table['table'], keys, options['columns_to_get'], options['column_filter'], options['max_version'], options['time_range']
        ))
    answer = client.batch_get_row(request)
    return {'rows': [
        batch_row_out(row, lambda found: {'row': row_out(found.row, table)})
        for table in call['tables'] for row in answer.get_result_by_table(table['table'])
    ]}


def batch_item(row):
    condition = condition_in(row.get('condition'))
    key = key_in(row['key'])
    if row['op'] == 'put':
        return ots.PutRowItem(ots.Row(key, columns_in(row['columns'])), condition, return_type(row))
    if row['op'] == 'update':
        return ots.UpdateRowItem(ots.Row(key, changes_in(row)), condition, return_type(row))
    return ots.DeleteRowItem(ots.Row(key), condition, return_type(row))


def batch_write_row(client, call):
    request = ots.BatchWriteRowRequest()
    for table in call['tables']:
        request.add(ots.TableInBatchWriteRowItem(table['table'], [batch_item(row) for row in table['rows']]))
    answer = client.batch_write_row(request)
    rows = []
    for table in call['tables']:
        by_kind = {
            'put': list(answer.get_put_by_table(table['table'])),
            'update': list(answer.get_update_by_table(table['table'])),
            'delete': list(answer.get_delete_by_table(table['table'])),
        }
        rows += [batch_row_out(by_kind[row['op']].pop(0), lambda found: {}) for row in table['rows']]
    return {'rows': rows}


CALLS = {
    'createTable': create_table,
    'listTable': lambda client, call: {'tables': list(client.list_table())},
    'describeTable': describe_table,
    'updateTable': update_table,
    'deleteTable': lambda client, call: client.delete_table(call['table']) or {},
    'putRow': put_row,
    'updateRow': update_row,
    'deleteRow': delete_row,
    'getRow': get_row,
    'getRange': get_range,
    'batchGetRow': batch_get_row,
    'batchWriteRow': batch_write_row,
}


def outcome(client, call):
    try:
        return {'result': CALLS[call['op']](client, call)}
    except ots.OTSServiceError as error:
        return {'error': {'status': error.http_status, 'code': error.code, 'message': error.message}}
    except ots.OTSClientError as error:
        return {'error': {'status': 0, 'code': 'OTSClientError', 'message': error.message}}
    except Exception:
        return {'error': {'status': 0, 'code': 'broken', 'message': traceback.format_exc()}}


def main():
    logging.disable(logging.CRITICAL)
    request = json.load(sys.stdin)
    client = ots.OTSClient(request['endpoint'], request['keyId'], request['secret'], request['instance'])
    json.dump([[outcome(client, call) for call in case['calls']] for case in request['cases']], sys.stdout)


main()
