"""Renders templates with Jinja2 as transformers does. One JSON object a line in, one out; see reference.ts."""

import json
import os
import re
import resource
import signal
import sys
from datetime import datetime

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

MEMORY_BYTES = 2 << 30
MESSAGE_LENGTH = 2000
TEXT_LENGTH = 2_000_000


class Timeout(BaseException):
    """Not an Exception, so that no template can catch it."""


class Progress:
    """How much a running template has given out, in code points, and where its generation blocks stood."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.pieces = []
        self.spans = []

    def length(self):
        """Fails, as the reference does, where a filter block gave out something else than text."""
        return len("".join(self.pieces))


PROGRESS = Progress()


class GenerationBlock(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        inside = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        block = nodes.CallBlock(self.call_method("note"), [], [], inside)
        block.set_lineno(line)
        return block

    def note(self, caller):
        text = caller()
        start = PROGRESS.length()
        PROGRESS.spans.append([start, start + len(text)])
        return text


def make_environment(options, now):
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=options.get("trim_blocks", True),
        lstrip_blocks=options.get("lstrip_blocks", True),
        keep_trailing_newline=options.get("keep_trailing_newline", False),
        extensions=[GenerationBlock, loopcontrols],
    )

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def strftime_now(format):
        return now.strftime(format)

    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = strftime_now
    return environment


def plain(text):
    """Without memory addresses, and without the name that a helper function has only here."""
    text = re.sub(r" at 0x[0-9a-f]{6,}", " at 0x\N{HORIZONTAL ELLIPSIS}", text)
    return text.replace("make_environment.<locals>.", "_cached_compile_jinja_template.<locals>.")


def render(request, now):
    try:
        template = make_environment(request.get("options", {}), now).from_string(request["source"])
        PROGRESS.reset()
        for piece in template.generate(**request["data"]):
            PROGRESS.pieces.append(piece)
            if isinstance(piece, str) and len(piece) > TEXT_LENGTH:
                return {"skip": "text"}
        text = "".join(PROGRESS.pieces)
        shown = plain(text)
        # Addresses have another length here, and so have spans that hold one, or stand behind one.
        return {"text": shown, "generation": PROGRESS.spans if shown == text else None}
    except Timeout:
        return {"skip": "time"}
    except MemoryError:
        return {"skip": "memory"}
    except Exception as error:
        message = getattr(error, "message", None) if isinstance(error, jinja2.TemplateError) else None
        text = str(error) if message is None else str(message)
        if isinstance(error, SyntaxError):
            # Its text names a line of the Python code that Jinja2 makes of a template.
            text = error.msg
        return {"error": type(error).__name__, "message": plain(text)[:MESSAGE_LENGTH]}


def on_alarm(_signal, _frame):
    raise Timeout


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, on_alarm)
    # What a template prints by accident must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    sys.stdout = sys.stderr
    print(json.dumps({"jinja2": jinja2.__version__, "python": sys.version.split()[0]}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        try:
            answer = render(request, datetime.fromisoformat(request["now"]))
        except Timeout:
            answer = {"skip": "time"}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps(answer), file=answers, flush=True)


main()
