"""The one class that scripts catch."""


class HttpOperationError(Exception):
    def __init__(self, deserialize, response, resp_type=None, *args):
        self.error = None
        self.message = "Operation returned an invalid status code"
        self.response = response
        super().__init__(self.message)
