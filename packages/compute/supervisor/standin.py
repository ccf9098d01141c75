"""Makes stand-ins of the versions that packages depend on.

``standin.py WHEELS ENVIRONMENT`` reads what pip or uv said when it gave up. Where a package depends on a version of a
vendor's package that the constraints in ENVIRONMENT do not allow, it makes a stand-in of a version that fits and writes
the constraint anew. Ends with 1 when there is nothing of that kind. Its Python is the environment's: standard library only.
"""
import base64
import glob
import hashlib
import os
import re
import sys
import zipfile

MARK = "+switchyard"
ASKED = re.compile(
    r"\b(azureml(?:[-_.][A-Za-z0-9]+)*)(?:\[[^\]]*\])?\s*"
    r"((?:===|==|~=|>=|<=|!=|<|>)\s*[0-9][^\s,;()<>=!~'\"]*(?:\s*,\s*(?:===|==|~=|>=|<=|!=|<|>)\s*[0-9][^\s,;()<>=!~'\"]*)*)",
    re.IGNORECASE,
)
ONE = re.compile(r"(===|==|~=|>=|<=|!=|<|>)\s*([0-9][^\s,]*)")


def asked_in(text):
    """The sets of versions that are asked for, by normal name: ``{"azureml-core": {"==1.37.0"}}``."""
    found = {}
    for name, versions in ASKED.findall(text):
        if MARK not in versions:
            found.setdefault(re.sub(r"[-_.]+", "-", name.lower()), set()).update(
                operator + version.rstrip(".") for operator, version in ONE.findall(versions)
            )
    return found


def parts(version):
    """``1.37.0.post1`` as numbers that compare; what comes before a release counts less than it."""
    found = re.match(r"(\d+(?:\.\d+)*)(?:\.?(a|b|rc|dev|post)(\d*))?", version)
    numbers = [int(number) for number in found.group(1).split(".")]
    order = {"dev": -4, "a": -3, "b": -2, "rc": -1, None: 0, "post": 1}[found.group(2)]
    return numbers + [0] * (8 - len(numbers)), order, int(found.group(3) or 0)


def fits(version, wish):
    operator, wanted = ONE.match(wish).groups()
    if wanted.endswith(".*"):
        prefix = [int(number) for number in wanted[:-2].split(".")]
        inside = parts(version)[0][: len(prefix)] == prefix
        return inside if operator == "==" else not inside
    mine, other = parts(version), parts(wanted)
    if operator == "~=":
        prefix = [int(number) for number in re.match(r"\d+(?:\.\d+)*", wanted).group(0).split(".")][:-1]
        return mine >= other and mine[0][: len(prefix)] == prefix
    return {
        "==": mine == other,
        "===": version == wanted,
        ">=": mine >= other,
        "<=": mine <= other,
        "!=": mine != other,
        "<": mine < other,
        ">": mine > other,
    }[operator]


def candidates(wishes, current):
    """Versions worth trying, the current one first: those that are named, and their neighbours."""
    yield current
    for wish in sorted(wishes, reverse=True):
        operator, wanted = ONE.match(wish).groups()
        plain = wanted[:-2] if wanted.endswith(".*") else wanted
        yield plain
        numbers = [int(number) for number in re.match(r"\d+(?:\.\d+)*", plain).group(0).split(".")]
        yield ".".join(str(number) for number in numbers[:-1] + [numbers[-1] + 1])
        while numbers and numbers[-1] == 0:
            numbers.pop()
        if numbers:
            yield ".".join(str(number) for number in numbers[:-1] + [numbers[-1] - 1])


def remade(source, version, folder):
    """Writes the stand-in ``source`` once more, as ``version``."""
    dist, old = os.path.basename(source).split("-")[:2]
    target = os.path.join(folder, "%s-%s-py3-none-any.whl" % (dist, version))
    info = "%s-%s.dist-info" % (dist, version)
    record = []
    with zipfile.ZipFile(source) as was, zipfile.ZipFile(target, "w") as wheel:
        for name in was.namelist():
            base = name.split("/")[-1]
            if base == "RECORD":
                continue
            content = was.read(name)
            if base == "METADATA":
                content = content.replace(("\nVersion: %s\n" % old).encode(), ("\nVersion: %s\n" % version).encode())
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            record.append("%s/%s,sha256=%s,%d" % (info, base, digest, len(content)))
            wheel.writestr("%s/%s" % (info, base), content)
        wheel.writestr(info + "/RECORD", "\n".join(record + [info + "/RECORD,,", ""]))


def main(wheels, environment):
    path = os.path.join(environment, "constraints.txt")
    with open(path) as file:
        constraints = dict(line.strip().split("==") for line in file if "==" in line)
    own = os.path.join(environment, "wheels")
    made = []
    for name, wishes in sorted(asked_in(sys.stdin.read()).items()):
        if name not in constraints:
            continue
        current = constraints[name][: -len(MARK)]
        for version in candidates(wishes, current):
            if all(fits(version, wish) for wish in wishes):
                break
        else:
            print("No version of %s is all of %s." % (name, ", ".join(sorted(wishes))))
            continue
        if version == current:
            continue
        source = glob.glob(os.path.join(wheels, "%s-*.whl" % name.replace("-", "_")))[0]
        os.makedirs(own, exist_ok=True)
        remade(source, version + MARK, own)
        constraints[name] = version + MARK
        made.append("%s %s" % (name, version))
    with open(path, "w") as file:
        file.writelines("%s==%s\n" % each for each in sorted(constraints.items()))
    if not made:
        sys.exit(1)
    print("Packages depend on other versions: Switchyard's client now stands in for %s." % ", ".join(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
