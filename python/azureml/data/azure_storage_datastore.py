"""Datastores of files: those that the server keeps itself, folders of its machine, and storage of Azure."""
import sys

from azureml.data.abstract_datastore import AbstractDatastoreOfFiles
from azureml.data.data_reference import DataReference
from switchyard_client.data import datastores, uploading


class AbstractAzureStorageDatastore(AbstractDatastoreOfFiles):
    """A datastore with files that can be uploaded, downloaded and named in runs."""

    @property
    def account_name(self):
        """The storage account; of a datastore that the server keeps itself, the server."""
        return self._setting("accountName") or "switchyard"

    @property
    def account_key(self):
        """The account's key, or None."""
        return self._credential("accountKey")

    @property
    def sas_token(self):
        """The shared access signature, or None."""
        return self._credential("sasToken")

    @property
    def container_name(self):
        """The container or file share."""
        own = "azureml-%s-%s" % ("filestore" if self.name == "workspacefilestore" else "blobstore", self.workspace._workspace_id)
        return self._setting("containerName") or self._setting("fileShareName") or self._setting("path") or own

    @property
    def protocol(self):
        """``https`` unless it was registered with another."""
        return self._setting("protocol") or "https"

    @property
    def endpoint(self):
        """The endpoint that it was registered with."""
        return self._setting("endpoint") or "core.windows.net"

    @property
    def is_sas(self):
        """Was it registered with a shared access signature?"""
        return self.sas_token is not None

    @property
    def credential_type(self):
        """``AccountKey``, ``Sas`` or None."""
        if self.account_key:
            return "AccountKey"
        return "Sas" if self.sas_token else None

    def as_mount(self):
        """The whole datastore as a read-only folder of a run."""
        return DataReference(datastore=self, mode="mount")

    def as_download(self, path_on_compute=None):
        """The whole datastore, copied into a folder of a run."""
        return DataReference(datastore=self, mode="download", path_on_compute=path_on_compute)

    def as_upload(self, path_on_compute=None):
        """A folder of a run whose files are put on the datastore when the run is over."""
        return DataReference(datastore=self, mode="upload", path_on_compute=path_on_compute)

    def upload(self, src_dir, target_path=None, overwrite=False, show_progress=True):
        """Upload a folder of this machine below ``target_path``; return a reference to it.

        Only bytes that the server lacks travel. Files that are there with other bytes are kept unless ``overwrite``.
        """
        self._upload(uploading.files_of_folder(src_dir, target_path or ""), overwrite, show_progress)
        return self.path(target_path)

    def upload_files(self, files, relative_root=None, target_path=None, overwrite=False, show_progress=True):
        """Upload files of this machine below ``target_path``; return a reference to it.

        Their names are relative to ``relative_root``, or else to the folder that all have in common.
        """
        self._upload(uploading.files_named(files, relative_root, target_path or ""), overwrite, show_progress)
        return self.path(target_path)

    def download(self, target_path, prefix=None, overwrite=False, show_progress=True):
        """Download the files below ``prefix`` into the folder ``target_path``, each with its whole path; return how many."""
        return datastores.download(self.workspace, self.name, target_path, prefix, overwrite, _shower(show_progress))

    def _upload(self, files, overwrite, show_progress):
        show = _shower(show_progress)
        if show_progress:
            show("Uploading an estimated of %d files" % len(files))
        existing = "replace" if overwrite else "skip"
        answer = datastores.told(lambda: uploading.upload(self.workspace._server, self.name, files, existing, show))
        for path in answer["skipped"]:
            show("Target already exists. Skipping upload for %s" % path)
        if show_progress:
            show("Uploaded %d files" % (answer["added"] + answer["same"]))
        return answer


class AzureBlobDatastore(AbstractAzureStorageDatastore):
    """A container of blobs. ``workspaceblobstore``, which every workspace has, is kept by the server itself."""

    @property
    def blob_service(self):
        """v1's client of the storage service."""
        raise NotImplementedError("The vendor's client of the storage service is not part of Switchyard; use upload, download and path.")


class AzureFileDatastore(AbstractAzureStorageDatastore):
    """A file share. ``workspacefilestore``, which every workspace has, is kept by the server itself."""


class FolderDatastore(AbstractAzureStorageDatastore):
    """A folder of the server's machine, or of a disk that it shares."""


def _shower(show_progress):
    def show(text):
        sys.stdout.write(text + "\n")

    return show if show_progress else lambda text: None
