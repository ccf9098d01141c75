"""Deploys models, and says what is to change of a service."""
from switchyard_client.errors import UserErrorException, not_built
from switchyard_client.services.asking import deploy


def deploy_models(workspace, name, models, inference_config, deployment_config, deployment_target, overwrite):
    """Deploy models with an InferenceConfig; what ``Model.deploy`` does."""
    from azureml.core.webservice import AciWebservice, Webservice, WebserviceDeploymentConfiguration

    if deployment_target is not None:
        raise not_built("Model.deploy(deployment_target=%r)" % getattr(deployment_target, "name", deployment_target), "deployment")
    if inference_config is None:
        raise not_built("Model.deploy() without an inference_config", "deployment")
    configuration = AciWebservice.deploy_configuration() if deployment_config is None else deployment_config
    if not isinstance(configuration, WebserviceDeploymentConfiguration):
        raise UserErrorException("deployment_config is made by deploy_configuration() of a web service; it is %r." % (configuration,))
    body = dict(
        configuration._facts(), name=name, models=[_named(model) for model in models or []], inference=inference_config._to_wire(workspace._server),
        deployment=configuration._to_wire(), overwrite=bool(overwrite),
    )  # fmt: skip
    service = Webservice._of(workspace, deploy(workspace._server, body))
    for key, value in configuration._keys().items():
        service.regen_key(key, value)
    service._inference_config = inference_config
    return service


def changes_of(service, models, inference_config, **more):
    """A change in the words of the server."""
    return dict(
        more,
        models=None if models is None else [_named(model) for model in models],
        inference=None if inference_config is None else inference_config._to_wire(service._server),
    )


def _named(model):
    given = model if isinstance(model, str) else getattr(model, "id", None)
    name, colon, version = str(given).rpartition(":")
    if given is None or not colon or not version.isdigit():
        raise UserErrorException("models are Model objects, or texts like name:version; one is %r." % (model,))
    return {"name": name, "version": int(version)}
