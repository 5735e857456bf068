package main

import (
	"encoding/base64"
	"fmt"

	"github.com/aliyun/aliyun-tablestore-go-sdk/tunnel"
)

var changes = map[tunnel.RecordColumnType]string{
	tunnel.RCT_Put: "put", tunnel.RCT_DeleteOneVersion: "delete version", tunnel.RCT_DeleteAllVersions: "delete all versions",
}

func (p *processor) recordLine(record *tunnel.Record) line {
	key := make([]line, len(record.PrimaryKey.PrimaryKeys))
	for at, column := range record.PrimaryKey.PrimaryKeys {
		kind, value := valueOf(column.Value)
		key[at] = line{"name": column.ColumnName, "type": kind, "value": value}
	}
	columns := make([]line, len(record.Columns))
	for at, column := range record.Columns {
		kind, value := valueOf(column.Value)
		columns[at] = line{"name": *column.Name, "change": changes[column.Type], "type": kind, "value": value,
			"timestamp": fmt.Sprint(*column.Timestamp)}
	}
	result := line{"type": "record", "client": p.consumer.name, "clientId": p.clientId, "channel": p.channel,
		"session": p.session, "batch": p.batches, "action": record.Type.String(), "key": key, "columns": columns}
	if record.SequenceInfo != nil {
		result["sequence"] = fmt.Sprintf("%d:%d", record.SequenceInfo.Timestamp, record.SequenceInfo.RowIndex)
	}
	return result
}

// valueOf returns the type of a value, and the value as lossless text.
func valueOf(value any) (string, string) {
	switch value := value.(type) {
	case nil:
		return "none", ""
	case int64:
		return "integer", fmt.Sprint(value)
	case float64:
		return "double", fmt.Sprint(value)
	case bool:
		return "boolean", fmt.Sprint(value)
	case []byte:
		return "binary", base64.StdEncoding.EncodeToString(value)
	default:
		return "string", fmt.Sprint(value)
	}
}
