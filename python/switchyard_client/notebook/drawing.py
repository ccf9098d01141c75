"""HTML of a view. Everything that comes from a run is escaped; there is no script in it and nothing is fetched."""
import datetime
import json
from html import escape

from switchyard_client.notebook.curves import curve
from switchyard_client.pages import table

_COLOURS = {"Completed": "#107c41", "Failed": "#c4314b", "Canceled": "#8a8886", "Running": "#0b6bcb"}
_BOX = "font-family:sans-serif;font-size:13px;border:1px solid rgba(128,128,128,.4);border-radius:4px;padding:8px;max-width:960px"
_LOG = "max-height:260px;overflow:auto;background:rgba(128,128,128,.12);padding:6px;margin:6px 0 0;font-size:12px;white-space:pre-wrap"
_MOST_VALUES = 50


def page(view):
    """The whole view of a run."""
    return '<div class="switchyard-run" data-run-id="%s" data-status="%s" style="%s">%s</div>' % (
        escape(view.run.id, quote=True),
        escape(view.status, quote=True),
        _BOX,
        "".join([_head(view), _words(view), view.children_page() if view.sweep else _children(view), _curves(view), _images(view), _values(view), _log(view)]),
    )


def plain_text(view):
    """The same in few words, for where there is no HTML."""
    lines = ["Run %s: %s" % (view.run.id, view.status), "Web View: %s" % view.run.get_portal_url()]
    lines += view.children_lines() if view.sweep else []
    lines += ["%s: %s" % (series["name"], series["last"]) for series, _ in view.curves]
    lines += ["%s: %s" % (name, _value(value)) for name, _, value in view.values]
    lines += [each for each in (_error(view), view.trouble) if each]
    return "\n".join(lines)


def target_table(target):
    """What a notebook shows of a compute target."""
    rows = [("Name", target.name), ("Type", target.type), ("Provisioning State", target.provisioning_state)]
    return table(rows + [("Location", target.location), ("Workspace", target.workspace.name)])


def _head(view):
    details = view.details
    colour = _COLOURS.get(view.status, "#986f0b")
    status = '<span style="color:#fff;background:%s;border-radius:9px;padding:1px 9px">%s</span>' % (colour, escape(view.status))
    title = details.get("displayName") or view.run.id
    facts = [
        ("Experiment", details.get("experimentName")),
        ("Target", details.get("target")),
        ("Started", _when(details.get("startTimeUtc"))),
        ("Duration", _duration(details)),
    ]
    shown = " &nbsp; ".join("%s: <b>%s</b>" % (name, escape(str(value))) for name, value in facts if value)
    link = escape(view.run.get_portal_url(), quote=True)
    return '<div><b style="font-size:15px">%s</b> %s <a href="%s" target="_blank" rel="noopener">Details</a></div><div>%s</div>' % (
        escape(str(title)), status, link, shown,
    )  # fmt: skip


def _words(view):
    said = [(_error(view), "#c4314b"), (view.trouble, "#986f0b")] + [
        ("Warning: " + text, "#986f0b") for text in view.details.get("warnings") or []
    ]
    return "".join('<div style="color:%s">%s</div>' % (colour, escape(text)) for text, colour in said if text)


def _error(view):
    error = view.details.get("error")
    return "%s: %s" % (error.get("code"), error.get("message")) if error else None


def _children(view):
    if not view.children:
        return ""
    rows = "".join(
        "<tr><td>%s</td><td>%s</td><td>%s</td></tr>"
        % (escape(each.get("displayName") or each["runId"]), escape(each["status"]), escape(_duration(each) or ""))
        for each in view.children
    )
    return (
        '<details open="open"><summary>Child runs (%d)</summary><table><tr><th>Run</th><th>Status</th><th>Duration</th></tr>%s</table></details>'
        % (
            len(view.children),
            rows,
        )
    )


def _curves(view):
    drawn = "".join(
        '<figure style="margin:6px;display:inline-block"><figcaption>%s = %s</figcaption>%s</figure>'
        % (escape(series["name"]), escape(_value(series["last"])), curve(series["name"], *points))
        for series, points in view.curves
    )
    return "<div>%s</div>" % drawn if drawn else ""


def _images(view):
    return "".join(
        '<figure style="margin:6px;display:inline-block"><figcaption>%s</figcaption>%s</figure>'
        % (escape(name), '<img style="max-width:420px" alt="%s" src="%s"/>' % (escape(name, quote=True), address) if address else "…")
        for name, address in view.images
    )


def _values(view):
    if not view.values:
        return ""
    rows = "".join(
        "<tr><td>%s</td><td>%s</td></tr>" % (escape(name), escape(_value(value))) for name, _, value in view.values[:_MOST_VALUES]
    )
    return "<table><tr><th>Metric</th><th>Value</th></tr>%s</table>" % rows


def _log(view):
    if view.log_name is None:
        return ""
    return '<div>%s</div><pre style="%s">%s</pre>' % (escape(view.log_name), _LOG, escape(view.log))


def _value(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _instant(text):
    return None if text is None else datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")


def _when(text):
    return None if text is None else text[:19].replace("T", " ") + " UTC"


def _duration(details):
    start = _instant(details.get("startTimeUtc"))
    if start is None:
        return None
    end = _instant(details.get("endTimeUtc")) or datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return str(datetime.timedelta(seconds=max(0, int((end - start).total_seconds()))))
