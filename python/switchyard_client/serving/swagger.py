"""``swagger.json``: what a service takes and answers, with the samples of the script where it has any."""
from switchyard_client.serving.answering import schema_of

_ANYTHING = {"type": "object"}


def swagger(name, run):
    """The Swagger 2.0 document of a service."""
    schema = schema_of(run)
    taken = _ANYTHING if schema is None else schema.get_input_schema(run)
    answered = _ANYTHING if schema is None else schema.get_output_schema(run)
    responses = {
        "200": {"description": "What run() returned.", "schema": {"$ref": "#/definitions/ServiceOutput"}},
        "default": {"description": "run() could not answer.", "schema": {"$ref": "#/definitions/ErrorResponse"}},
    }
    return {
        "swagger": "2.0",
        "info": {"title": name, "description": "API of the web service %s." % name, "version": "1.0"},
        "schemes": ["http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"Bearer": {"type": "apiKey", "name": "Authorization", "in": "header"}},
        "paths": {
            "/": {
                "get": {
                    "operationId": "ServiceHealthCheck",
                    "description": "Says that the service lives.",
                    "responses": {"200": {"description": "It lives.", "schema": {"type": "string"}}},
                }
            },
            "/score": {
                "post": {
                    "operationId": "RunMLService",
                    "description": "Calls run() of the entry script.",
                    "security": [{"Bearer": []}],
                    "parameters": [
                        {"name": "serviceInputPayload", "in": "body", "required": True, "schema": {"$ref": "#/definitions/ServiceInput"}}
                    ],
                    "responses": responses,
                }
            },
        },
        "definitions": {
            "ServiceInput": taken,
            "ServiceOutput": answered,
            "ErrorResponse": {"type": "object", "properties": {"message": {"type": "string"}}},
        },
    }
