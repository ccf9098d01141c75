"""A person's Python session: runs one block of code after the other, as JSON lines tell, in one namespace."""
import contextlib
import io
import json
import sys
import traceback

namespace = {"__name__": "__main__"}
answers, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    asked = json.loads(line)
    said, error = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        try:
            exec(compile(asked["code"], asked["name"], "exec"), namespace)
        except BaseException as failure:
            error = "".join(traceback.format_exception_only(type(failure), failure)).strip()
    print(json.dumps({"error": error, "said": said.getvalue()}), file=answers, flush=True)
