/** Packages that a Python index has under another name than conda. */
export const PIP_NAMES: Readonly<Record<string, string>> = {
  "dask-core": "dask",
  "matplotlib-base": "matplotlib",
  "msgpack-python": "msgpack",
  opencv: "opencv-python-headless",
  psycopg2: "psycopg2-binary",
  "py-opencv": "opencv-python-headless",
  "py-xgboost": "xgboost",
  "py-xgboost-cpu": "xgboost",
  "py-xgboost-gpu": "xgboost",
  pyqt: "PyQt5",
  pytables: "tables",
  "python-graphviz": "graphviz",
  pytorch: "torch",
  "pytorch-cpu": "torch",
  "pytorch-gpu": "torch",
  ruamel_yaml: "ruamel.yaml",
  "seaborn-base": "seaborn",
  "tensorflow-base": "tensorflow",
  "tensorflow-mkl": "tensorflow",
};

/** Packages that only conda has: compilers, libraries of C and CUDA, other languages, conda itself. */
// biome-ignore format: a list of words
const CONDA_ONLY = new Set([
  "anaconda", "binutils", "blas", "boost", "bzip2", "ca-certificates", "cairo", "clang", "conda", "cpuonly", "cuda",
  "cudatoolkit", "cudnn", "eigen", "ffmpeg", "fftw", "fontconfig", "freetype", "gcc", "gdal", "geos", "gettext", "gfortran",
  "git", "glib", "graphviz", "gsl", "gxx", "hdf5", "icu", "intel-openmp", "jpeg", "krb5", "lapack", "ld_impl_linux-64", "llvm",
  "make", "mamba", "micromamba", "mkl", "mkl-include", "mkl-service", "mkl_fft", "mkl_random", "mpi", "mpich", "nccl",
  "ncurses", "nodejs", "nomkl", "openblas", "opencl", "openjdk", "openmpi", "openssl", "pandoc", "perl", "poppler", "proj",
  "python_abi", "pytorch-cuda", "pytorch-mutex", "qt", "r", "readline", "ruby", "rust", "snappy", "sqlite", "tbb", "tesseract",
  "tk", "unixodbc", "vc", "vs2015_runtime", "xz", "yaml", "zeromq", "zlib", "zstd",
]);

// biome-ignore format: a list of words
const CONDA_ONLY_PREFIXES = [
  "_", "r-", "lib", "cuda-", "gcc_", "gxx_", "gfortran_", "binutils_", "sysroot_", "perl-", "bioconductor-", "clangxx",
  "llvm-", "xorg-",
];

/** Python packages whose names look like those of C libraries. */
const PYTHON_ANYWAY = new Set(["libcst", "librosa", "libsass", "libtmux"]);

/** The package's name on a Python index, or null when only conda has it. */
export function pipNameOf(condaName: string): string | null {
  if (PYTHON_ANYWAY.has(condaName)) return condaName;
  if (CONDA_ONLY.has(condaName) || CONDA_ONLY_PREFIXES.some((prefix) => condaName.startsWith(prefix))) return null;
  return PIP_NAMES[condaName] ?? condaName;
}
