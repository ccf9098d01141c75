"""The trials of a sweep: a table, how the best one came about, and the curves of all. Everything is escaped."""
import json
from html import escape

from switchyard_client.notebook.curves import picture
from switchyard_client.sweeps.looking import by_score

_BEST, _OTHERS, _TRACK = "#0b6bcb", "rgba(128,128,128,.45)", "#107c41"
_SIZE = (420, 170)
_MOST_ROWS = 50
_MOST_COLUMNS = 10
_MOST_LINES = 10


def sweep_page(view):
    """The trials as HTML."""
    return "<div>%s</div>%s%s" % (escape(_summary(view)), _pictures(view), _table(view))


def sweep_lines(view):
    """The trials as lines of text: the best of them."""
    rows = [["trial", view.metric, "status"] + _columns(view)]
    for trial in _ordered(view)[:_MOST_LINES]:
        rows.append([str(trial.number), _short(trial.score), trial.status or "Waiting"] + [_value(trial, name) for name in _columns(view)])
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    left = len(view.sweep.trials) - _MOST_LINES
    return [_summary(view)] + (table if len(rows) > 1 else []) + (["and %d more" % left] if left > 0 else [])


def _summary(view):
    shown = view.sweep.shown
    ended = sum(1 for trial in view.sweep.trials if trial.has_ended)
    words = "%d of at most %d trials have ended" % (ended, shown["configuration"]["maxTotalRuns"])
    best = next(iter(by_score(view.sweep.trials, view.goal)), None)
    if best is not None:
        words += "; best %s: %s (trial %d)" % (view.metric, _short(best.score), best.number)
    return words + (". " + shown["closed"]["detail"] if shown["closed"] else ".")


def _ordered(view):
    """Best first, those without a score last."""
    return by_score(view.sweep.trials, view.goal) + [trial for trial in view.sweep.trials if trial.score is None]


def _columns(view):
    names = []
    for trial in view.sweep.trials:
        names += [name for name in trial.values if name not in names]
    return names[:_MOST_COLUMNS]


def _value(trial, name):
    value = trial.values.get(name, "")
    return _short(value) if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)


def _short(number):
    return "" if number is None else "%.6g" % number


def _table(view):
    columns = _columns(view)
    head = "".join("<th>%s</th>" % escape(name) for name in ["Trial"] + columns + [view.metric, "Status"])
    ordered = _ordered(view)
    rows = "".join(_row(trial, columns, trial is ordered[0] and trial.score is not None) for trial in ordered[:_MOST_ROWS])
    left = len(ordered) - _MOST_ROWS
    more = "<div>and %d more</div>" % left if left > 0 else ""
    return '<details open="open"><summary>Trials (%d)</summary><table><tr>%s</tr>%s</table>%s</details>' % (len(ordered), head, rows, more)


def _row(trial, columns, is_best):
    cells = [str(trial.number)] + [_value(trial, name) for name in columns] + [_short(trial.score), trial.status or "Waiting"]
    return '<tr data-trial="%d"%s>%s</tr>' % (
        trial.number, ' style="font-weight:bold"' if is_best else "", "".join("<td>%s</td>" % escape(cell) for cell in cells)
    )  # fmt: skip


def _pictures(view):
    drawn = [_track(view), _curves(view)]
    return "<div>%s</div>" % "".join(
        '<figure style="margin:6px;display:inline-block"><figcaption>%s</figcaption>%s</figure>' % (escape(words), svg)
        for words, svg in (each for each in drawn if each is not None)
    )


def _track(view):
    """The score of each trial by its number, and the best so far."""
    scored = [trial for trial in view.sweep.trials if trial.score is not None]
    if not scored:
        return None
    pick, best, track = (max if view.goal == "maximize" else min), None, []
    for trial in scored:
        best = trial.score if best is None else pick(best, trial.score)
        track.append(best)
    numbers = [trial.number for trial in scored]
    dots = [([trial.number], [trial.score], _OTHERS) for trial in scored]
    words = "%s by trial, and the best so far" % view.metric
    return words, picture(words, dots + [(numbers, track, _TRACK)], words, _SIZE)


def _curves(view):
    """The metric of the trials as they went along, the best one on top."""
    best = next(iter(by_score(view.sweep.trials, view.goal)), None)
    lines = [(steps, values, _OTHERS) for number, (steps, values) in sorted(view.trial_curves.items()) if number != best.number]
    if best is not None and best.number in view.trial_curves:
        lines.append(view.trial_curves[best.number] + (_BEST,))
    if not lines:
        return None
    words = "%s of %d trials as they went along" % (view.metric, len(lines))
    return words, picture(words, lines, words, _SIZE)
