#!/bin/sh
# Run the unit tests on another version of Python: other_python.sh VERSION FOLDER CONSTRAINTS [PYTEST OPTION]...
# Looks for pythonVERSION on the PATH and among pyenv's; without one, says so and succeeds.
set -eu
version=$1 folder=$2 constraints=$3
shift 3

python=
for candidate in "$(command -v "python$version" || true)" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
    if [ -x "$candidate" ] && "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "== test-$version: skipped, since there is no Python $version here"
    exit 0
fi

if ! cmp -s "$constraints" "$folder/constraints.txt" || [ pyproject.toml -nt "$folder/constraints.txt" ]; then
    echo "== test-$version: creating $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
    "$folder/bin/python" -m pip --disable-pip-version-check --quiet install --no-compile \
        --constraint "$constraints" --editable '.[test]'
    cp "$constraints" "$folder/constraints.txt"
fi
echo "== test-$version: unit tests with the versions of $constraints, without torch and DGL"
exec "$folder/bin/python" -m pytest -q -n auto --dist worksteal -m "not slow and not docs" "$@"
