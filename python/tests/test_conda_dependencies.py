"""CondaDependencies: packages, channels, pip options, and the file they come from."""
from azureml.core.runconfig import CondaDependencies
from tests.configuration_support import InAFolder


class Dependencies(InAFolder):
    def test_adding_and_removing(self):
        conda = CondaDependencies()
        conda.add_channel("conda-forge")
        conda.add_conda_package("scikit-learn")
        conda.add_conda_package("numpy=1.18")
        conda.add_conda_package("numpy=1.19")
        conda.set_python_version("3.11")
        conda.add_pip_package("pillow==5.4.1")
        conda.add_pip_package("Pillow==6")
        conda.set_pip_option("--pre")
        conda.remove_conda_package("scikit-learn")
        self.assertEqual(
            conda.serialize_to_string(),
            "name: project_environment\ndependencies:\n- python=3.11\n- pip\n- numpy=1.19\n- pip:\n  - --pre\n  - azureml-defaults\n"
            "  - Pillow==6\nchannels:\n- conda-forge\n",
        )
        self.assertEqual((conda.conda_packages, conda.pip_packages), (["numpy=1.19"], ["azureml-defaults", "Pillow==6"]))
        self.assertEqual((conda.conda_channels, conda.pip_options, conda.get_python_version()), (["conda-forge"], ["--pre"], "3.11"))
        conda.set_pip_requirements(["torch"])
        self.assertEqual(conda.pip_packages, ["azureml-defaults", "torch"])
        conda.remove_pip_option("--pre")
        conda.remove_pip_package("azureml-defaults==1.0")
        conda.remove_pip_package("torch")
        self.assertEqual(conda.as_dict()["dependencies"], ["python=3.11", "pip", "numpy=1.19"])
        conda.add_pip_package("git+https://example.org/x.git")
        self.assertEqual(conda.pip_packages, ["git+https://example.org/x.git"])

    def test_create(self):
        made = CondaDependencies.create(
            pip_packages=["azureml-sdk", "x>=1"], conda_packages=["b"], python_version="3.6.2", pip_indexurl="https://i"
        )
        self.assertEqual(
            made.as_dict()["dependencies"],
            ["python=3.6.2", "pip", "b", {"pip": ["--index-url https://i", "azureml-sdk", "x>=1"]}],
        )

    def test_merging(self):
        one = CondaDependencies.create(conda_packages=["a=1"], pip_packages=["b"])
        one._merge_dependencies(CondaDependencies.create(conda_packages=["a=2"], pip_packages=["c"]))
        self.assertEqual((one.conda_packages, one.pip_packages), (["a=2"], ["azureml-defaults", "b", "c"]))
        self.assertEqual(CondaDependencies.merge_requirements(["a>=1", "b", "a<2"]), ["a<2,>=1", "b"])

    def test_files(self):
        conda = CondaDependencies.create(conda_packages=["numpy"])
        self.assertEqual(conda.save_to_file(self.folder, "deep/my.yml"), "deep/my.yml")
        self.assertEqual(CondaDependencies("deep/my.yml"), conda)
        self.assertEqual(CondaDependencies(conda_dependencies_file_path=conda.save()), conda)

    def test_bad_input(self):
        self.refused('The conda file "absent.yml" cannot be read', CondaDependencies, "absent.yml")
        self.refused("expected a mapping", CondaDependencies, self.write("list.yml", "- a\n"))
        self.refused('expected "pip" with a list', CondaDependencies, self.write("pip.yml", "dependencies:\n- pipp: [a]\n"))
        self.refused("expected a package", CondaDependencies, self.write("n.yml", "dependencies:\n- 1.5\n"))
        self.refused("broken.yml:", CondaDependencies, self.write("broken.yml", "dependencies: [a\n"))
        self.refused("expected a list of packages", CondaDependencies.create, conda_packages="numpy")
        self.refused("expected a text", CondaDependencies().add_pip_package, None)
        self.refused("no option of pip", CondaDependencies().set_pip_option, "pre")
        self.refused("no version of Python", CondaDependencies().set_python_version, "three")
