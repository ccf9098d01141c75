"""The older form of attaching: ``RemoteCompute.attach(workspace, name, username=..., address=...)``."""
from azureml.core.compute.configuration import ComputeTargetProvisioningConfiguration


class AttachedTheOlderWay:
    """For classes whose ``attach`` takes all settings directly, too; it comes before ``ComputeTarget`` among the bases."""

    #: Names of settings that the older form takes by position; None: the order of ``attach_configuration``.
    _attach_order = None

    @classmethod
    def attach(cls, workspace, name, *settings, **named_settings):
        """Attach by what ``attach_configuration(...)`` made, or by its settings given directly."""
        given = settings[0] if settings else named_settings.get("attach_configuration")
        if isinstance(given, ComputeTargetProvisioningConfiguration) or "attach_configuration" in named_settings:
            return super().attach(workspace, name, *settings, **named_settings)
        if cls._attach_order is not None:
            if len(settings) > len(cls._attach_order):
                raise TypeError("%s.attach() takes at most %s by position." % (cls.__name__, ", ".join(cls._attach_order)))
            named_settings.update(zip(cls._attach_order, settings))
            settings = ()
        return super().attach(workspace, name, cls.attach_configuration(*settings, **named_settings))
