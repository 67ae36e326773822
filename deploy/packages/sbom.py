#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py VERSION BUILD ROOT: prints what the files below ROOT consist of, as SPDX 2.3 (JSON): the files, the
Debian packages of the libraries that the programs load, and those whose headers are compiled into them.
BUILD is the build directory (Ninja's). $SOURCE_DATE_EPOCH is the time in the document."""
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

LICENCE = "Apache-2.0 AND (GPL-2.0-only OR Apache-2.0)"
OURS = ("bpf/", "client/", "common/", "daemon/", "proto/")


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def owners(paths):
    """Names of the Debian packages that have these files. dpkg may list a file of /usr/lib below /lib."""
    real = {os.path.realpath(path) for path in paths}
    names = sorted(real | {path.removeprefix("/usr") for path in real})
    found = subprocess.run(["dpkg-query", "--search", *names], capture_output=True, text=True, check=False)
    owner = {}
    for line in found.stdout.splitlines():
        packages, path = line.rsplit(": ", 1)
        owner[os.path.realpath(path)] = packages.split(",")[0]
    missing = real - set(owner)
    if missing:
        sys.exit(f"sbom.py: no package has {', '.join(sorted(missing))}")
    return set(owner.values())


def libraries(program):
    return re.findall(r"(?:=> |^\t)(/\S+)", output("ldd", program), re.MULTILINE)


def headers(build):
    """Files outside of the source that objects of the programs were compiled from."""
    found, ours = set(), False
    for line in output("ninja", "-C", build, "-t", "deps").splitlines():
        if line.startswith(" "):
            path = line.strip()
            if ours and path.startswith("/usr/"):
                found.add(path)
        else:
            ours = line.startswith(OURS)
    return found


def identifier(kind, name):
    return f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.]", "-", name)


def debian_package(name):
    version, architecture, source, homepage = output(
        "dpkg-query", "--show", "--showformat",
        "${Version}\n${Architecture}\n${source:Package}\n${Homepage}\n", name).split("\n")[:4]
    name = name.split(":")[0]
    return {
        "name": name,
        "SPDXID": identifier("Package", name),
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"Debian source package {source}",
        **({"homepage": homepage} if homepage else {}),
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}",
        }],
    }


def file_entry(path, name):
    content = path.read_bytes()
    sums = [{"algorithm": algorithm.upper(), "checksumValue": hashlib.new(algorithm, content).hexdigest()}
            for algorithm in ("sha1", "sha256")]
    return {"fileName": f"./{name}", "SPDXID": identifier("File", name), "checksums": sums,
            "licenseConcluded": LICENCE, "copyrightText": "NOASSERTION"}


def verification_code(files):
    sums = sorted(one["checksums"][0]["checksumValue"] for one in files)
    return hashlib.sha1("".join(sums).encode()).hexdigest()


def document(version, build, root):
    files = [file_entry(path, str(path.relative_to(root)))
             for path in sorted(root.rglob("*")) if path.is_file()]
    capmon = {
        "name": "capmon", "SPDXID": "SPDXRef-Package-capmon", "versionInfo": version,
        "supplier": "Organization: capmon", "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": verification_code(files)},
        "licenseConcluded": LICENCE, "licenseDeclared": LICENCE, "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION", "primaryPackagePurpose": "APPLICATION",
    }
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", capmon["SPDXID"])]
    relations += [(capmon["SPDXID"], "CONTAINS", one["SPDXID"]) for one in files]
    packages = {}
    for program in sorted(path for path in root.glob("usr/*/bin/*") if path.read_bytes().startswith(b"\x7fELF")):
        for package in sorted(owners(libraries(program))):
            packages.setdefault(package, debian_package(package))
            relations.append((identifier("File", str(program.relative_to(root))), "DYNAMIC_LINK",
                              packages[package]["SPDXID"]))
    for package in sorted(owners(headers(build))):
        packages.setdefault(package, debian_package(package))
        relations.append((packages[package]["SPDXID"], "BUILD_DEPENDENCY_OF", capmon["SPDXID"]))
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"capmon-{version}",
        "documentNamespace": f"https://capmon.invalid/spdx/capmon-{version}-{verification_code(files)}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
                         "creators": ["Tool: capmon-sbom", "Organization: capmon"]},
        "packages": [capmon, *(packages[name] for name in sorted(packages))],
        "files": files,
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                          for one, kind, other in relations],
    }


def main():
    version, build, root = sys.argv[1:]
    json.dump(document(version, build, Path(root)), sys.stdout, indent=1)
    print()


main()
