#!/bin/sh
# Write the software bill of materials of a wheel (CycloneDX, JSON): sbom.sh WHEEL TARGET FOLDER
# FOLDER receives two virtual environments: one with the tool, one with the wheel and what it needs, and nothing else.
set -eu
wheel=$1 target=$2 folder=$3
pip="python -m pip --disable-pip-version-check --quiet"

python3=${PYTHON:-python3}
"$python3" -m venv --clear "$folder/tool"
"$python3" -m venv --clear --without-pip "$folder/closure"
"$folder/tool/bin/"$pip install --no-compile 'cyclonedx-bom>=7'
# By name and version, so that no path of this machine gets into the result.
name=$(basename "$wheel") && version=${name#udt_toolkit-} && version=${version%%-*}
sed "s/^dynamic = \[\"version\"\]/version = \"$version\"/" pyproject.toml > "$folder/pyproject.toml"
"$folder/tool/bin/"$pip --python "$folder/closure" install --no-compile --constraint constraints.txt \
    --find-links "$(dirname "$wheel")" "udt-toolkit==$version"
"$folder/tool/bin/cyclonedx-py" environment "$folder/closure" --pyproject "$folder/pyproject.toml" --mc-type library \
    --short-PURLs --output-reproducible --output-format JSON --output-file "$target"
