"""What a notebook shows of an object that is the last word of a cell."""
from html import escape


def table(rows):
    """A small table; a value that is a pair is a link: (address, words). All is escaped."""
    cells = "".join("<th>%s</th>" % escape(str(name)) for name, _ in rows)
    values = "".join("<td>%s</td>" % _cell(value) for _, value in rows)
    return '<table style="width:100%%"><tr>%s</tr><tr>%s</tr></table>' % (cells, values)


def _cell(value):
    if isinstance(value, tuple):
        return '<a href="%s" target="_blank" rel="noopener">%s</a>' % (escape(value[0], quote=True), escape(value[1]))
    return escape("" if value is None else str(value))
