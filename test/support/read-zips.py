"""Reads zip archives with Python's zipfile, for comparison. Standard input: one path a line.

Prints one JSON line per archive: a list of [name, bytes of the name in hex, SHA-256 of the content], or null if zipfile
cannot read the archive. Directories are left out. If two entries have the same name, the last one is listed.
"""

import hashlib
import json
import sys
import zipfile

for line in sys.stdin:
    try:
        with zipfile.ZipFile(line.rstrip("\n")) as archive:
            files = {}
            for info in archive.infolist():
                if info.is_dir():
                    continue
                content = archive.read(info)
                digest = hashlib.sha256(content).hexdigest()
                charset = "utf-8" if info.flag_bits & 0x800 else "cp437"
                files[info.filename] = [info.filename, info.filename.encode(charset).hex(), digest]
        print(json.dumps(list(files.values())))
    except Exception:  # Any error means that zipfile cannot read the archive.
        print("null")
