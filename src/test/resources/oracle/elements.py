"""Prints what pydicom reads of each file: a line of JSON per file, [path, VR, values] per element."""
import json
import sys
import warnings

warnings.simplefilter("ignore")
import logging

logging.disable(logging.CRITICAL)
import pydicom
from pydicom.multival import MultiValue


def text(value):
    if isinstance(getattr(value, "original_string", None), str):
        return value.original_string
    if isinstance(value, (bytes, bytearray)):
        return "%d bytes" % len(value)
    if isinstance(value, pydicom.tag.BaseTag):
        return "%08X" % value
    return str(value)


def walk(ds, path, out):
    for e in ds:
        here = path + "%04X%04X" % (e.tag.group, e.tag.element)
        if e.VR == "SQ":
            out.append([here, "SQ", [str(len(e.value))]])
            for i, item in enumerate(e.value):
                walk(item, here + "[%d]" % (i + 1), out)
            continue
        value = e.value
        if value is None or value == "" or value == b"":
            values = []
        elif isinstance(value, (MultiValue, list)):
            values = [text(v) for v in value]
        else:
            values = [text(value)]
        out.append([here, e.VR, values])


for name in sys.argv[1:]:
    try:
        ds = pydicom.dcmread(name, force=True)
        out = []
        walk(ds, "", out)
        if not out:
            raise ValueError("nothing read")
        print(json.dumps({"file": name, "elements": out}))
    except Exception as e:
        print(json.dumps({"file": name, "error": type(e).__name__}))
