"""The words of run configurations, as the server takes them (spec 01)."""

FRAMEWORKS = ("Python", "PySpark", "CNTK", "TensorFlow", "PyTorch")
COMMUNICATORS = ("None", "ParameterServer", "OpenMpi", "IntelMpi", "Mpi", "Nccl", "Gloo")
#: Targets that mean something by themselves, in any case of letters.
RESERVED_TARGETS = ("local", "amlcompute", "containerinstance")
#: Older words that say framework and communicator at once.
COMBINED_FRAMEWORKS = {
    "tensorflowparameterserver": ("TensorFlow", "ParameterServer"),
    "pythonmpi": ("Python", "Mpi"),
    "pythonintelmpi": ("Python", "IntelMpi"),
    "pysparkinteractive": ("PySpark", "None"),
}
#: An installation maps them to images of its own (docs/decisions/0011-default-images.md).
DEFAULT_CPU_IMAGE = "azureml/base:intelmpi2018.3-ubuntu16.04"
DEFAULT_GPU_IMAGE = "azureml/base-gpu:intelmpi2018.3-cuda10.0-cudnn7-ubuntu16.04"
#: With the Spark packages of the time in it; nobody maintains it any more, so it stands for the default image.
DEFAULT_MMLSPARK_CPU_IMAGE = DEFAULT_CPU_IMAGE
DEFAULT_MMLSPARK_GPU_IMAGE = DEFAULT_GPU_IMAGE
