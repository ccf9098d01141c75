"""Special charts, plots as PNG, and metric values in the shape that ``get_metrics`` promises (spec 05, section 6)."""
import io
import json

from switchyard_client.errors import UserErrorException


def checked(schema_type, value):
    """Return a chart's map; a JSON text is read. The keys are those of the public schema, version "v1"."""
    try:
        chart = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise UserErrorException("A %s is a map, or its JSON text; this text is no JSON: %s." % (schema_type, error)) from error
    if not isinstance(chart, dict):
        raise UserErrorException("A %s is a map with the keys schema_type, schema_version and data, not %r." % (schema_type, chart))
    missing = [key for key in ("schema_type", "schema_version", "data") if key not in chart]
    if missing:
        raise UserErrorException("A %s needs the keys schema_type, schema_version and data; missing: %s." % (schema_type, ", ".join(missing)))
    if chart["schema_type"] != schema_type:
        raise UserErrorException('A %s has schema_type "%s", not "%s".' % (schema_type, schema_type, chart["schema_type"]))
    return chart


def png_of(plot):
    """Return a stream with the PNG of a matplotlib figure, axes or the pyplot module."""
    figure = plot.gcf() if hasattr(plot, "gcf") else getattr(plot, "figure", plot)
    if not hasattr(figure, "savefig"):
        raise UserErrorException("log_image(plot=...) takes a matplotlib figure or pyplot, not %s." % type(plot).__name__)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight")
    stream.seek(0)
    return stream


_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def metric_value(series, values):
    """A scalar if logged once, a list if several times, a map of columns for rows."""
    if series["kind"] == "number":
        values = [_SPECIAL.get(value, value) if isinstance(value, str) else value for value in values]
    if series["kind"] == "row":
        columns = {}
        for row in values:
            for column, cell in row.items():
                columns.setdefault(column, []).append(cell)
        return {column: cells[0] if len(cells) == 1 else cells for column, cells in columns.items()}
    if series["kind"] == "list":
        return [item for value in values for item in value]
    return values[0] if len(values) == 1 else values
