# SPDX-License-Identifier: GPL-2.0
"""validate.py SCHEMA FILE...: each file is as the schema says, and would not be if a key
were missing or there were one more. Exit status 77: jsonschema is not installed."""
import copy
import json
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

# Those of Debian 12 and later have it.
validator_class = jsonschema.Draft202012Validator


# Of these, the keys are names of classes or origins.
free = {"classes", "origins"}


def objects(value, place=""):
    """Every object in a document whose keys are fixed, with the document itself, and its place."""
    if isinstance(value, dict):
        yield place, value
        for key, inner in value.items():
            if key not in free or not isinstance(inner, dict):
                yield from objects(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, f"{place}[]")


def main(schema_path, paths):
    with open(schema_path) as file:
        schema = json.load(file)
    validator_class.check_schema(schema)
    validator = validator_class(schema)
    optional = {"failures", "live_threads", "slowest", "class", "why", "or", "if"}
    for path in paths:
        with open(path) as file:
            document = json.load(file)
        for error in validator.iter_errors(document):
            sys.exit(f"{path}: {error.json_path}: {error.message}")
        for key in document:
            spoilt = copy.deepcopy(document)
            del spoilt[key]
            if key not in optional and validator.is_valid(spoilt):
                sys.exit(f"{schema_path}: accepts {path} without {key}")
        # One of each kind: those of a list with the same keys are alike.
        kinds = {(place, *thing): thing for place, thing in objects(document)}
        for (place, *_), thing in kinds.items():
            thing["frob"] = 1
            if validator.is_valid(document):
                sys.exit(f"{schema_path}: accepts {path} with one key more in {place or 'the document'}")
            del thing["frob"]


main(sys.argv[1], sys.argv[2:])
