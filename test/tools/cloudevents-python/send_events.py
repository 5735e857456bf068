"""Sends events with CloudEvents' SDK for Python: JSON lines like {"attributes": {…}, "contentType": "…", "data": "base64"}
on standard input, in the mode that the second argument names, to the URL that the first argument names."""

import base64
import json
import sys
import urllib.error
import urllib.request

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent


def event_of(line: str) -> CloudEvent:
    one = json.loads(line)
    attributes = {**one["attributes"], "specversion": "1.0"}
    if one.get("contentType"):
        attributes["datacontenttype"] = one["contentType"]
    if one.get("data") is None:
        return CloudEvent(attributes)
    data = base64.b64decode(one["data"])
    if one.get("contentType") == "application/json":
        return CloudEvent(attributes, json.loads(data))
    if one.get("contentType", "").startswith("text/"):
        return CloudEvent(attributes, data.decode())
    return CloudEvent(attributes, data)


target, mode = sys.argv[1:3]
for line in sys.stdin:
    event = event_of(line)
    message = to_structured_event(event) if mode == "structured" else to_binary_event(event)
    body = message.body.encode() if isinstance(message.body, str) else message.body or b""
    request = urllib.request.Request(target, data=body, headers=message.headers, method="POST")
    if "content-type" not in {name.lower() for name in message.headers}:
        # urllib would add the content type of a form, which the SDK did not choose.
        request.add_unredirected_header("Content-type", "")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            print(answer.status)
    except urllib.error.HTTPError as error:
        print(error.status, error.read().decode())
