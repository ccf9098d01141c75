"""Who asks. Here a token of the server says so, or the file in the server's home; no class below ever opens a browser.

Each class is taken with its arguments of v1, so that a script need not change. Where one was given a token of this server
(they begin with ``sy_``) in place of a secret of Azure, that token signs in.
"""
import enum

from switchyard_client.connect import connect

_OUR_TOKENS = "sy_"


class AbstractAuthentication:
    """What all ways to sign in have in common."""

    def __init__(self, cloud=None):
        self._cloud = cloud

    def get_authentication_header(self):
        """``{"Authorization": "Bearer ..."}`` for requests to the server."""
        return {"Authorization": "Bearer " + self._token()}

    def get_token(self):
        """The token that signs in."""
        return self._token()

    def signed_in_user_or_none(self):
        """None: the server knows, this program does not."""

    def _token(self):
        return connect("default", auth=self).token

    def _own_token(self):
        """A token of the server that this object was given, or None."""
        return None

    def _get_arm_token(self):
        return self._token()

    _get_graph_token = _get_aml_token = _get_arm_token


class InteractiveLoginAuthentication(AbstractAuthentication):
    """The default. Nothing is asked: the home's token or SWITCHYARD_TOKEN signs in."""

    def __init__(self, force=False, tenant_id=None, cloud=None):
        super().__init__(cloud)
        self._tenant_id = tenant_id


class AzureCliAuthentication(AbstractAuthentication):
    """Taken as ``InteractiveLoginAuthentication`` is."""

    def __init__(self, cloud=None):
        super().__init__(cloud)


class MsiAuthentication(AbstractAuthentication):
    """Taken as ``InteractiveLoginAuthentication`` is; ``identity_config`` names an identity of Azure and has no say."""

    def __init__(self, identity_config=None, cloud=None):
        super().__init__(cloud)


class ServicePrincipalAuthentication(AbstractAuthentication):
    """``service_principal_password`` may be a token of the server, as ``switchyard token create`` gives one to a program."""

    def __init__(
        self, tenant_id, service_principal_id=None, service_principal_password=None, cloud=None, _enable_caching=True,
        username=None, password=None
    ):  # fmt: skip
        """``username`` and ``password`` are the oldest words for the principal and its secret."""
        super().__init__(cloud)
        self._tenant_id = tenant_id
        self._service_principal_id = service_principal_id or username
        self._password = service_principal_password or password

    def _own_token(self):
        return _ours(self._password)


class ArmTokenAuthentication(AbstractAuthentication):
    """``arm_access_token`` may be a token of the server."""

    def __init__(self, arm_access_token, cloud=None):
        super().__init__(cloud)
        self._arm_access_token = arm_access_token

    def update_arm_access_token(self, new_arm_access_token):
        """Use another token from here on."""
        self._arm_access_token = new_arm_access_token

    def _own_token(self):
        return _ours(self._arm_access_token)


class Audience(enum.Enum):
    """For whom a token is meant; a function given to ``TokenAuthentication`` may compare with these."""

    arm = "ARM"
    aml = "AML"


class TokenAuthentication(AbstractAuthentication):
    """``get_token_for_audience(audience)`` may give a token of the server."""

    def __init__(self, get_token_for_audience, cloud=None, auth_object=None):
        super().__init__(cloud)
        self._get_token_for_audience = get_token_for_audience

    @staticmethod
    def get_audience(arg):
        """What the function is called with: the server's own word."""
        return "switchyard"

    def _own_token(self):
        return _ours(self._get_token_for_audience("switchyard"))


class AzureMLTokenAuthentication(AbstractAuthentication):
    """What a script in a run uses: the run's own token signs in."""

    def __init__(self, *arguments, **more):
        super().__init__()

    @classmethod
    def create(cls, *arguments, **more):
        """The same."""
        return cls()


def _ours(token):
    return token if isinstance(token, str) and token.startswith(_OUR_TOKENS) else None


__all__ = [
    "AbstractAuthentication",
    "ArmTokenAuthentication",
    "Audience",
    "AzureCliAuthentication",
    "AzureMLTokenAuthentication",
    "InteractiveLoginAuthentication",
    "MsiAuthentication",
    "ServicePrincipalAuthentication",
    "TokenAuthentication",
]
