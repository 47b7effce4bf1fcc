#!/usr/bin/env bash
# Write every generated file: the README's table, the SLO's JSON twin, hop's OpenAPI document, slokit's API reference.
#
# Usage: [CAPTURE=1] layer2-tooling/layerctl/docs.sh
#
#   CAPTURE=1  run the captured commands anew
set -Eeuo pipefail
shopt -s inherit_errexit

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
layer1-env/bootstrap.sh --dev layerctl
layer1-env/bootstrap.sh api tools

layer2-tooling/layerctl/layerctl manifest write
layer2-tooling/layerctl/layerctl prose write ${CAPTURE:+--capture}
PYTHONPATH=layer2-tooling/layerctl/src .run/venv/tools/bin/python -m publish api --write
.run/venv/layerctl/bin/python layer5-sre/slo/generate.py
.run/venv/api/bin/hop openapi >.run/openapi.json
mv .run/openapi.json layer2-tooling/api/openapi.json
