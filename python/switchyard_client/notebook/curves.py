"""A curve as inline SVG."""
import math
from html import escape

_WIDTH, _HEIGHT = 280, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 8, 18
_SPECIAL = ("NaN", "Infinity", "-Infinity")


_BLUE = "#0b6bcb"


def curve(name, steps, values):
    """An SVG picture of the points; where a value is no finite number, the line has a gap."""
    described = "%s: %d points, last %s" % (name, len(values), values[-1])
    return picture(described, [(steps, values, _BLUE)], nothing="%s: no finite values" % name)


def picture(described, lines, nothing, size=(_WIDTH, _HEIGHT)):
    """Several lines in one picture, the last on top: each is (steps, values, colour). ``nothing`` describes it when none has a number."""
    width, height = size
    drawn = [([(float(step), _number(value)) for step, value in zip(steps, values)], colour) for steps, values, colour in lines]
    finite = [(x, y) for points, _ in drawn for x, y in points if y is not None]
    if not finite:
        return '<svg width="%d" height="%d" role="img" aria-label="%s"></svg>' % (width, height, escape(nothing, quote=True))
    across = [x for points, _ in drawn for x, _ in points]
    low_x, high_x = _widened(min(across), max(across))
    low_y, high_y = _widened(min(y for _, y in finite), max(y for _, y in finite))

    def place(x, y):
        right = _LEFT + (width - _LEFT - _RIGHT) * _share(x, low_x, high_x)
        down = height - _BOTTOM - (height - _TOP - _BOTTOM) * _share(y, low_y, high_y)
        return "%.1f,%.1f" % (right, down)

    shapes = "".join(_shape([place(*point) for point in part], colour) for points, colour in drawn for part in _unbroken(points))
    base = height - _BOTTOM
    axes = '<path d="M%d %dV%dH%d" fill="none" stroke="currentColor" stroke-opacity="0.4"/>' % (_LEFT, _TOP, base, width - _RIGHT)
    label = '<text x="%d" y="%d" text-anchor="%s" font-size="10" fill="currentColor">%s</text>'
    labels = (
        label % (_LEFT - 4, _TOP + 8, "end", _short(high_y))
        + label % (_LEFT - 4, base, "end", _short(low_y))
        + label % (_LEFT, height - 5, "start", _short(low_x))
        + label % (width - _RIGHT, height - 5, "end", _short(high_x))
    )
    return '<svg width="%d" height="%d" role="img" aria-label="%s">%s%s%s</svg>' % (
        width, height, escape(described, quote=True), axes, labels, shapes,
    )  # fmt: skip


def _shape(places, colour):
    if len(places) > 1:
        return '<polyline fill="none" stroke="%s" stroke-width="1.5" points="%s"/>' % (colour, " ".join(places))
    return '<circle fill="%s" r="2" cx="%s" cy="%s"/>' % ((colour,) + tuple(places[0].split(",")))


def _number(value):
    if value is None or value in _SPECIAL:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _widened(low, high):
    """A span that can be divided by; one value alone stands in its middle."""
    if high > low:
        return low, high
    room = abs(low) * 0.1 or 1.0
    return low - room, high + room


def _share(value, low, high):
    """Where a value stands within a span, from 0 to 1."""
    scale = 1.0 if math.isfinite(high - low) else 0.25  # a span may be too wide for a float
    return (value * scale - low * scale) / (high * scale - low * scale)


def _unbroken(points):
    part = []
    for x, y in points:
        if y is None:
            if part:
                yield part
            part = []
        else:
            part.append((x, y))
    if part:
        yield part


def _short(number):
    text = "%.4g" % number
    return "0" if text == "-0" else text
