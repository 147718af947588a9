"""Prints how many renders a second of processor time Jinja2 does of the jobs in a file, with compiled templates kept: template.py FILE SECONDS"""

import json
import sys
import time
from datetime import datetime

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class GenerationBlock(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        inside = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("pass_on"), [], [], inside).set_lineno(line)

    def pass_on(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[GenerationBlock, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda format: datetime.now().strftime(format)

with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)
compiled = {source: environment.from_string(source) for source in {row["source"] for row in rows}}
jobs = [(compiled[row["source"]], row["variables"]) for row in rows]


def repeat(seconds):
    started = time.process_time()
    rounds = 0
    while time.process_time() - started < seconds:
        for template, variables in jobs:
            template.render(**variables)
        rounds += 1
    return rounds * len(jobs) / (time.process_time() - started)


repeat(1)
print(repeat(float(sys.argv[2])))
