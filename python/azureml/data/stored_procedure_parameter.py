"""A parameter of a stored procedure."""
from enum import Enum


class StoredProcedureParameterType(Enum):
    """The type of a parameter."""

    String = "String"
    Int = "Int"
    Decimal = "Decimal"
    Guid = "Guid"
    Boolean = "Boolean"
    Date = "Date"


class StoredProcedureParameter:
    """A parameter of a stored procedure: its name, value and type."""

    def __init__(self, name, value, type=StoredProcedureParameterType.String):
        self.name, self.value, self.type = name, value, type
